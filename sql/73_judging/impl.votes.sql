-- Votes of all judges on a set, by one source. Error SG001: no such set.
--   SELECT count(*) FROM impl.votes('asked', 'people');
CREATE OR REPLACE FUNCTION impl.votes(query_set text, source text)
RETURNS TABLE (query_id bigint, external_id text, judge text, grade float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.query_id, v.external_id, v.judge, v.grade::float8
    FROM eval.vote AS v JOIN eval.query AS q ON q.id = v.query_id
    WHERE q.set_id = impl.query_set_id(votes.query_set) AND v.source = votes.source
$$;

COMMENT ON FUNCTION impl.votes(text, text) IS 'Votes of all judges on a query set.';
