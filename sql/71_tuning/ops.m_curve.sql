-- Measures what other links per vector (m of HNSW) would give: indexes of a sample of a live space's vectors,
-- built in a temporary table and dropped, searched at one depth. The sample makes all of them better than
-- they are on the whole; compare them with each other. bytes: of the index, per vector. Not for binary
-- spaces.
--   SELECT m, recall, ann_ms, build_s FROM ops.m_curve('text', '{8,16}', 100, 200, 20);
CREATE OR REPLACE FUNCTION ops.m_curve(
    space text,
    links int[] DEFAULT '{8,16,24,32}',
    ef_search int DEFAULT 100,
    vectors_n int DEFAULT 20000,
    sample_n int DEFAULT 100,
    k int DEFAULT 10)
RETURNS TABLE (m int, recall float8, ann_ms float8, build_s float8, bytes float8, vectors bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    live ops.space := impl.live_space(space);
    made record := impl.distance_operator(live.distance, live.quantization);
    one int;
    probe record;
    found bigint[];
    started timestamptz;
    ms float8;
    hits bigint;
    near text;
BEGIN
    PERFORM impl.at_least('sample_n', sample_n, 1), impl.at_least('k', k, 1),
            impl.at_least('vectors_n', vectors_n, 1), impl.refuse_away(live);
    IF live.quantization = 'binary' THEN
        RAISE EXCEPTION 'space % is binary: other links cannot be tried on a sample', space
            USING ERRCODE = 'SG004', HINT = 'Leave --m out.';
    END IF;
    near := format('ARRAY(SELECT t.id FROM pg_temp.m_trial AS t WHERE t.id <> $2'
                   ' ORDER BY t.vec::pgvector.halfvec(%1$s) %2$s $1::pgvector.halfvec(%1$s) LIMIT $3)',
                   live.dim, made.operator);
    CREATE TEMPORARY TABLE m_trial ON COMMIT DROP AS
        SELECT row_number() OVER () AS id, s.vec
        FROM (SELECT e.vec FROM core.embedding AS e WHERE e.space_id = live.id
              ORDER BY hashint8extended(e.item_id, 42), e.source, e.part_no LIMIT vectors_n) AS s;
    ANALYZE pg_temp.m_trial;
    CREATE TEMPORARY TABLE m_exact (id bigint, vec pgvector.halfvec, near bigint[]) ON COMMIT DROP;
    EXECUTE 'INSERT INTO pg_temp.m_exact SELECT p.id, p.vec, '
        || replace(replace(replace(near, '$1', 'p.vec'), '$2', 'p.id'), '$3', k::text)
        || format(' FROM pg_temp.m_trial AS p WHERE p.id <= %s', sample_n);
    PERFORM set_config('hnsw.ef_search', greatest(ef_search, k + 1)::text, true),
            set_config('enable_seqscan', 'off', true);
    FOREACH one IN ARRAY links LOOP
        started := clock_timestamp();
        EXECUTE format('CREATE INDEX m_trial_hnsw ON pg_temp.m_trial USING hnsw'
                       ' ((vec::pgvector.halfvec(%s)) %s) WITH (m = %s, ef_construction = %s)',
                       live.dim, made.opclass, one, greatest(live.ef_construction, 2 * one));
        build_s := extract(epoch FROM clock_timestamp() - started);
        hits := 0;
        ms := 0;
        FOR probe IN SELECT x.id, x.vec, x.near FROM pg_temp.m_exact AS x LOOP
            started := clock_timestamp();
            EXECUTE 'SELECT ' || near INTO found USING probe.vec, probe.id, k;
            ms := ms + 1000 * extract(epoch FROM clock_timestamp() - started);
            hits := hits + (SELECT count(*) FROM unnest(probe.near) AS n WHERE n = ANY (found));
        END LOOP;
        SELECT hits / nullif(sum(cardinality(x.near)), 0)::float8, ms / count(*) INTO recall, ann_ms
        FROM pg_temp.m_exact AS x;
        SELECT one, pg_relation_size('pg_temp.m_trial_hnsw')::float8 / nullif(count(*), 0), count(*)
        INTO m, bytes, vectors FROM pg_temp.m_trial AS t;
        RETURN NEXT;
        DROP INDEX pg_temp.m_trial_hnsw;
    END LOOP;
    DROP TABLE pg_temp.m_trial, pg_temp.m_exact;
END $$;

COMMENT ON FUNCTION ops.m_curve(text, int[], int, int, int, int) IS
    'Recall, milliseconds, build time and size of HNSW indexes by links per vector, on a sample of a space.';
