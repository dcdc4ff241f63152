-- Measures the recall of a space's index: stored vectors as queries (each without itself, a fixed seed), k
-- neighbours by HNSW against an exact scan. The measurement is stored in ops.recall.
-- A space of kind sparse has nothing to measure: its index is exact. recall in [0, 1]; times in milliseconds
-- per query. What is on shards is measured there.
--   SELECT * FROM search.measure_recall('text', 20);
CREATE OR REPLACE FUNCTION search.measure_recall(space text, sample_n int DEFAULT 100, k int DEFAULT 10)
RETURNS TABLE (recall float8, ann_ms float8, exact_ms float8, sampled int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = '{"own": true}'
AS $$
#variable_conflict use_column
DECLARE
    live ops.space := impl.live_space(space);
    probe record;
    ann record;
    exact record;
    started timestamptz;
    hits bigint := 0;
    wanted bigint := 0;
    ann_s float8 := 0;
    exact_s float8 := 0;
    n int := 0;
BEGIN
    IF live.kind = 'sparse' THEN
        RAISE EXCEPTION 'space % finds exactly what comparing all would find', space
            USING ERRCODE = 'SG004', HINT = 'Measure spaces of kind single or multi (view search.spaces).';
    END IF;
    PERFORM impl.at_least('sample_n', sample_n, 1), impl.at_least('k', k, 1), impl.refuse_away(live);
    FOR probe IN
        SELECT e.item_id, e.vec FROM core.embedding AS e WHERE e.space_id = live.id
        ORDER BY hashint8extended(e.item_id, 42), e.source, e.part_no LIMIT sample_n
    LOOP
        started := clock_timestamp();
        ann := impl.nearest(live, probe.vec, k, excluded => ARRAY[probe.item_id], force_path => 'hnsw');
        ann_s := ann_s + extract(epoch FROM clock_timestamp() - started);
        started := clock_timestamp();
        exact := impl.nearest(live, probe.vec, k, excluded => ARRAY[probe.item_id], force_path => 'exact');
        exact_s := exact_s + extract(epoch FROM clock_timestamp() - started);
        hits := hits + (SELECT count(*) FROM unnest(exact.ids) AS id WHERE id = ANY (ann.ids));
        wanted := wanted + coalesce(cardinality(exact.ids), 0);
        n := n + 1;
    END LOOP;
    IF wanted = 0 THEN
        RAISE EXCEPTION 'space % has too few vectors to measure', space
            USING ERRCODE = 'SG004', HINT = '`seogo embed` makes them.';
    END IF;
    PERFORM impl.keep_recall(live.id, n, measure_recall.k, hits::float8 / wanted, 1000 * ann_s / n,
                             1000 * exact_s / n);
    RETURN QUERY SELECT hits::float8 / wanted, 1000 * ann_s / n, 1000 * exact_s / n, n;
END $$;

COMMENT ON FUNCTION search.measure_recall(text, int, int) IS
    'Measures recall@k and milliseconds of a space''s index against an exact scan, and stores the result.';
