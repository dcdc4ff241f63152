-- Progress of the vectors of sharded collections per shard: rows as those of search.coverage, which is about
-- items that are here. Each shard's workers encode its items.
--   SELECT collection, space, sum(missing) FROM search.shard_coverage() GROUP BY 1, 2;
CREATE OR REPLACE FUNCTION search.shard_coverage()
RETURNS TABLE (
    shard text,
    collection text,
    space text,
    generation int,
    status text,
    items bigint,
    fresh bigint,
    stale bigint,
    missing bigint,
    failed bigint,
    without_text bigint)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.shard, c.* FROM impl.ask_shards(impl.shards_of(NULL), ARRAY['{"do": "coverage"}'::jsonb]) AS a
    CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'coverage') AS c(
        collection text, space text, generation int, status text, items bigint, fresh bigint, stale bigint,
        missing bigint, failed bigint, without_text bigint)
    JOIN core.collection AS l ON l.name = c.collection
    ORDER BY c.collection, c.space, c.generation, a.shard
$$;

COMMENT ON FUNCTION search.shard_coverage() IS 'Progress of the vectors of sharded collections per shard.';
