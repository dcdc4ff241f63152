-- Measures a live space's index at several depths of search (hnsw.ef_search): stored vectors as queries, each
-- without itself, the same for every depth; k neighbours by HNSW against an exact scan. recall in [0, 1],
-- lower: its lower bound at 95 % (Wilson, over all neighbours); times in milliseconds per query. Nothing is
-- stored. What is on shards is measured there.
--   SELECT ef_search, recall, ann_ms FROM ops.ef_curve('text', '{40,100,200}', 20);
CREATE OR REPLACE FUNCTION ops.ef_curve(
    space text,
    depths int[] DEFAULT '{20,40,60,100,150,200,300,400}',
    sample_n int DEFAULT 100,
    k int DEFAULT 10)
RETURNS TABLE (ef_search int, recall float8, lower float8, ann_ms float8, p95_ms float8, exact_ms float8,
               sampled int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = '{"own": true}'
AS $$
#variable_conflict use_column
DECLARE
    live ops.space := impl.live_space(space);
    tried ops.space := live;
    probe record;
    exact record;
    ann record;
    started timestamptz;
    depth int;
    took float8;
    measured jsonb[] := '{}';
BEGIN
    PERFORM impl.at_least('sample_n', sample_n, 1), impl.at_least('k', k, 1),
            impl.at_least('depths', cardinality(depths), 1), impl.refuse_away(live);
    IF to_regclass('core.embedding_' || live.id || '_hnsw') IS NULL THEN
        RAISE EXCEPTION 'space % has no index: it is searched exactly', space
            USING ERRCODE = 'SG004', HINT = 'Nothing is to be tuned; `seogo embed` builds one when it pays.';
    END IF;
    FOR probe IN
        SELECT e.item_id, e.vec FROM core.embedding AS e WHERE e.space_id = live.id
        ORDER BY hashint8extended(e.item_id, 42), e.source, e.part_no LIMIT sample_n
    LOOP
        started := clock_timestamp();
        exact := impl.nearest(live, probe.vec, k, excluded => ARRAY[probe.item_id], force_path => 'exact');
        took := 1000 * extract(epoch FROM clock_timestamp() - started);
        measured := measured || jsonb_build_object('ms', took);
        FOREACH depth IN ARRAY depths LOOP
            tried.ef_search := depth;
            started := clock_timestamp();
            ann := impl.nearest(tried, probe.vec, k, excluded => ARRAY[probe.item_id], force_path => 'hnsw');
            took := 1000 * extract(epoch FROM clock_timestamp() - started);
            measured := measured || jsonb_build_object(
                'ef', depth, 'ms', took, 'wanted', coalesce(cardinality(exact.ids), 0),
                'hits', (SELECT count(*) FROM unnest(exact.ids) AS id WHERE id = ANY (ann.ids)));
        END LOOP;
    END LOOP;
    RETURN QUERY
    WITH trial AS (
        SELECT (m ->> 'ef')::int AS ef, (m ->> 'ms')::float8 AS ms, (m ->> 'hits')::float8 AS hits,
               (m ->> 'wanted')::float8 AS wanted FROM unnest(measured) AS m
    ),
    curve AS (
        SELECT t.ef, sum(t.hits) / nullif(sum(t.wanted), 0) AS share, sum(t.wanted) AS n,
               avg(t.ms) AS mean_ms,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms) AS late_ms, count(*)::int AS queries
        FROM trial AS t WHERE t.ef IS NOT NULL GROUP BY t.ef
    )
    SELECT c.ef, c.share,
           (c.share + 1.9208 / c.n - 1.96 * sqrt((c.share * (1 - c.share) + 0.9604 / c.n) / c.n))
           / (1 + 3.8416 / c.n),
           c.mean_ms, c.late_ms, (SELECT avg(t.ms) FROM trial AS t WHERE t.ef IS NULL), c.queries
    FROM curve AS c WHERE c.n > 0 ORDER BY c.ef;
END $$;

COMMENT ON FUNCTION ops.ef_curve(text, int[], int, int) IS
    'Recall and milliseconds of a space''s index by depth of search, against an exact scan.';
