-- Failed work on shards: rows of search.failed of each, at most 1,000, of collections that the caller sees. A
-- shard that does not answer is a row of kind shard. For search.failed.
--   SELECT shard, kind, external_id, error FROM impl.failed_away();
CREATE OR REPLACE FUNCTION impl.failed_away()
RETURNS TABLE (
    shard text,
    kind text,
    collection text,
    external_id text,
    item_id bigint,
    picture_id bigint,
    space text,
    generation int,
    attempts int,
    parked boolean,
    next_attempt_at timestamptz,
    error text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT a.* FROM (SELECT WHERE EXISTS (SELECT FROM core.shard_slots)) AS any_away
        CROSS JOIN LATERAL impl.ask_reachable(impl.shards_of(NULL), '{"do": "failed"}') AS a
    )
    SELECT t.shard, f.* FROM told AS t
    CROSS JOIN LATERAL jsonb_to_recordset(t.answer -> 'failed') AS f(
        kind text, collection text, external_id text, item_id bigint, picture_id bigint, space text,
        generation int, attempts int, parked boolean, next_attempt_at timestamptz, error text)
    JOIN core.collection AS l ON l.name = f.collection AND impl.is_spread(l.id)
    UNION ALL
    SELECT t.shard, 'shard', NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, t.trouble
    FROM told AS t WHERE t.answer IS NULL
$$;

COMMENT ON FUNCTION impl.failed_away() IS 'Failed work on shards, and shards that do not answer.';
