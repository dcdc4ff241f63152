-- Queries of a set in their order, and how far a source has judged each: how many items, how many of these
-- are relevant (grade above 0), and who judged, by name. Error SG001: no such set.
--   SELECT query, judged, relevant, judges FROM eval.judged_queries('asked');
CREATE OR REPLACE FUNCTION eval.judged_queries(query_set text, source text DEFAULT 'people')
RETURNS TABLE (query_id bigint, query text, text text, item text, picture_id bigint, judged int, relevant int,
               judges text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT q.id, q.external_id, q.text, q.item, q.picture_id, count(j.external_id)::int,
           (count(*) FILTER (WHERE j.grade > 0))::int,
           ARRAY(SELECT DISTINCT v.judge FROM eval.vote AS v
                 WHERE v.query_id = q.id AND v.source = judged_queries.source ORDER BY v.judge)
    FROM eval.query AS q
    LEFT JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = judged_queries.source
    WHERE q.set_id = impl.query_set_id(judged_queries.query_set)
    GROUP BY q.id ORDER BY q.id
$$;

COMMENT ON FUNCTION eval.judged_queries(text, text) IS 'Queries of a set, and how far each is judged.';
