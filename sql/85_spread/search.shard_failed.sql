-- Failed work on shards with its reason: rows of search.failed of each, at most 1,000; what is left of them
-- is seen there. `seogo failed retry` is run there, too.
--   SELECT shard, external_id, error FROM search.shard_failed() WHERE parked;
CREATE OR REPLACE FUNCTION search.shard_failed()
RETURNS TABLE (
    shard text,
    kind text,
    collection text,
    external_id text,
    item_id bigint,
    space text,
    attempts int,
    parked boolean,
    error text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.shard, f.* FROM impl.ask_shards(impl.shards_of(NULL), ARRAY['{"do": "failed"}'::jsonb]) AS a
    CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'failed') AS f(
        kind text, collection text, external_id text, item_id bigint, space text, attempts int,
        parked boolean, error text)
    JOIN core.collection AS l ON l.name = f.collection
    ORDER BY f.collection, f.external_id, a.shard, f.kind, f.space
$$;

COMMENT ON FUNCTION search.shard_failed() IS 'Failed work on shards with its reason.';
