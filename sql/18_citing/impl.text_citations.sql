-- Citations in an item, as they are written: in its field `text`, where `law` names the law of those without
-- one, and in `cites` of its metadata, whose places are from 10000. An array per citation: place, as written,
-- and what impl.cited_away takes. listed: those of the metadata alone.
--   SELECT impl.text_citations(i, false) FROM core.item AS i LIMIT 1;
CREATE OR REPLACE FUNCTION impl.text_citations(item core.item, listed boolean)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_array(
               c.place, c.raw, jsonb_build_array(c.before, c.article, c.paragraph, c.was))), '[]')
    FROM (
        SELECT t.citation_no AS place, t.raw, t.before, t.article, t.paragraph, t.was
        FROM impl.citations_in((item).fields ->> 'text', (item).fields ->> 'law') AS t WHERE NOT listed
        UNION ALL
        SELECT 10000 + m.citation_no, m.raw, m.before, m.article, m.paragraph, m.was
        FROM impl.citations_in((item).metadata ->> 'cites', NULL) AS m
    ) AS c
$$;

COMMENT ON FUNCTION impl.text_citations(core.item, boolean) IS 'Citations in an item, as they are written.';
