-- Progress of the vectors of sharded collections, summed over their shards; unanswered: those that do not
-- answer, and are not in the sums. For search.coverage.
--   SELECT collection, space, fresh, items, unanswered FROM impl.coverage_away();
CREATE OR REPLACE FUNCTION impl.coverage_away()
RETURNS TABLE (
    collection text,
    space text,
    generation int,
    status text,
    items bigint,
    fresh bigint,
    stale bigint,
    missing bigint,
    failed bigint,
    without_text bigint,
    unanswered text[])
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT a.shard, a.answer FROM (SELECT WHERE EXISTS (SELECT FROM core.shard_slots)) AS any_away
        CROSS JOIN LATERAL impl.ask_reachable(impl.shards_of(NULL), '{"do": "coverage"}') AS a
    )
    SELECT c.name, s.name, s.generation, s.status, coalesce(sum(r.items), 0)::bigint,
           coalesce(sum(r.fresh), 0)::bigint, coalesce(sum(r.stale), 0)::bigint,
           coalesce(sum(r.missing), 0)::bigint, coalesce(sum(r.failed), 0)::bigint,
           coalesce(sum(r.without_text), 0)::bigint,
           coalesce(array_agg(h.name ORDER BY h.name) FILTER (WHERE t.answer IS NULL), '{}')
    FROM core.shard_slots AS l
    JOIN core.shard AS h ON h.id = l.shard_id
    JOIN core.collection AS c ON c.id = l.collection_id
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status <> 'retired'
    LEFT JOIN told AS t ON t.shard = h.name
    LEFT JOIN LATERAL jsonb_to_recordset(t.answer -> 'coverage') AS r(
        collection text, space text, generation int, items bigint, fresh bigint, stale bigint,
        missing bigint, failed bigint, without_text bigint)
        ON r.collection = c.name AND r.space = s.name AND r.generation = s.generation
    GROUP BY c.name, s.name, s.generation, s.status
$$;

COMMENT ON FUNCTION impl.coverage_away() IS
    'Progress of the vectors of sharded collections, summed over their shards.';
