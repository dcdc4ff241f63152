-- Completions of what was typed, of items on shards, in one question to all of them: for each reading, in
-- their order, those that impl.ranked_completions ranks with queries of others, which are here. Of these,
-- those whose items pass (there).
--   SELECT pools, there FROM impl.shard_pools(impl.named_collection('parts'), '{진고,wlsrh}', NULL, 10);
CREATE OR REPLACE FUNCTION impl.shard_pools(
    cid int,
    readings text[],
    filter text,
    k int,
    OUT pools jsonb[],
    OUT there bigint[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT a.answer FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'suggest', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
            'readings', readings, 'filter', shard_pools.filter, 'k', k, 'items', ARRAY(
                SELECT DISTINCT i.id FROM unnest(readings) AS r(reading)
                CROSS JOIN LATERAL impl.asked_completions(cid, r.reading, k) AS c
                CROSS JOIN LATERAL unnest(c.items) AS i(id)))]) AS a
    )
    SELECT ARRAY(
        SELECT impl.merged_pool((SELECT jsonb_agg(p.part) FROM told AS t CROSS JOIN LATERAL (
            SELECT t.answer -> 'parts' -> (r.at - 1)::int) AS p(part) WHERE p.part IS NOT NULL), k)
        FROM unnest(readings) WITH ORDINALITY AS r(reading, at) ORDER BY r.at),
        ARRAY(SELECT i.id::bigint FROM told AS t
              CROSS JOIN LATERAL jsonb_array_elements_text(t.answer -> 'items') AS i(id))
$$;

COMMENT ON FUNCTION impl.shard_pools(int, text[], text, int) IS
    'Completions of each reading of what was typed, of items on shards, and items of queries of others.';
