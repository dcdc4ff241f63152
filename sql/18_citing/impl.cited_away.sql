-- Items on shards that are the articles of citations, each [before, article, paragraph, was] as
-- impl.citations_in has them; `at`: which one, from 1. All shards are asked for all of them at once: each
-- takes the longest name of a law that it knows, and those count that know the longest of all. about: what
-- impl.may_cite tells by.
--   SELECT f.at, f.external_id
--   FROM impl.cited_away(impl.named_collection('laws'), '[["민법", "750", null, false]]') AS f;
CREATE OR REPLACE FUNCTION impl.cited_away(cid int, citations jsonb)
RETURNS TABLE (at bigint, item_id bigint, score float8, matched text, external_id text, about jsonb)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF citations = '[]' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT k.at, i.id, i.score, i.matched, i.external_id, i.about
    FROM (SELECT (e.told -> 'at')::bigint AS at, e.told -> 'items' AS items, (e.told -> 'n')::int AS n,
                 max((e.told -> 'n')::int) OVER (PARTITION BY e.told -> 'at') AS longest
          FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
              'do', 'cited', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
              'citations', citations)]) AS a
          CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'cited') AS e(told)) AS k
    CROSS JOIN LATERAL jsonb_to_recordset(k.items) AS i(id bigint, score float8, matched text,
        external_id text, about jsonb)
    WHERE k.n = k.longest;
END $$;

COMMENT ON FUNCTION impl.cited_away(int, jsonb) IS 'Items on shards that are the articles of citations.';
