-- Articles of a collection that texts cite (impl.cited_items), here or on shards; laws: the one that each
-- text is of, side by side. at: which text, from 1. What they name is sent to the shards together, each once.
--   SELECT at, cited, item_id
--   FROM impl.texts_cite(impl.named_collection('laws'), '{민법 제750조}', '{NULL}');
CREATE OR REPLACE FUNCTION impl.texts_cite(cid int, texts text[], laws text[])
RETURNS TABLE (at bigint, citation_no int, cited text, item_id bigint)
LANGUAGE plpgsql STABLE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found jsonb;
    named jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT t.at, f.citation_no, f.cited, f.item_id
        FROM unnest(texts, laws) WITH ORDINALITY AS t(body, law, at)
        CROSS JOIN LATERAL impl.cited_items(cid, t.body, t.law) AS f;
        RETURN;
    END IF;
    SELECT jsonb_agg(jsonb_build_array(t.at, c.citation_no, c.raw, n.named)),
           jsonb_agg(DISTINCT n.named) INTO found, named
    FROM unnest(texts, laws) WITH ORDINALITY AS t(body, law, at)
    CROSS JOIN LATERAL impl.citations_in(t.body, t.law) AS c
    CROSS JOIN LATERAL (SELECT jsonb_build_array(c.before, c.article, c.paragraph, c.was) AS named) AS n;
    RETURN QUERY
    SELECT (c.told -> 0)::bigint, (c.told -> 1)::int, c.told ->> 2, a.item_id
    FROM impl.cited_away(cid, coalesce(named, '[]')) AS a
    JOIN jsonb_array_elements(named) WITH ORDINALITY AS n(named, at) ON n.at = a.at
    JOIN jsonb_array_elements(found) AS c(told) ON c.told -> 3 = n.named;
END $$;

COMMENT ON FUNCTION impl.texts_cite(int, text[], text[]) IS
    'Articles of a collection that texts cite, here or on shards.';
