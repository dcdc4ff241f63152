-- Similarities of the same pairs of a probe and an item in two generations of a space, of all items, here and
-- on shards. Probes are query texts known in both, or, where these are few, items. Each is paired with the
-- same sampled items (kind similarity) and with its nearest twenty in either generation (near). kind kept:
-- per probe, the share of the first generation's ten nearest that are among the second's. kind norm: lengths
-- of an item's vectors. A shard that is down is an error, SG005: without its items it would be no sample.
--   SELECT kind, avg(first_sim), avg(second_sim) FROM impl.generation_pairs(impl.live_space('text@1'),
--       impl.live_space('text@2')) GROUP BY 1;
CREATE OR REPLACE FUNCTION impl.generation_pairs(first ops.space, second ops.space, probe_n int DEFAULT 100)
RETURNS TABLE (kind text, first_sim float8, second_sim float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
#variable_conflict use_column
DECLARE
    few CONSTANT int := 20;
    sample_n CONSTANT int := 100;
    near_n CONSTANT int := 20;
    kept_n CONSTANT int := 10;
    batch_n CONSTANT int := 50;  -- probes per round trip: one with 1,024 dimensions is 20 kB
    asked jsonb := jsonb_build_object('do', 'drift', 'first', first.name || '@' || first.generation,
                                      'second', second.name || '@' || second.generation);
    by_query CONSTANT boolean := few <= (
        SELECT count(*) FROM ops.query_vector AS a JOIN ops.query_vector AS b USING (query_hash)
        WHERE a.space_id = first.id AND b.space_id = second.id AND a.vec IS NOT NULL AND b.vec IS NOT NULL);
    drawn record;
    probes record;
BEGIN
    SELECT array_agg(d.id ORDER BY d.at) AS ids, array_agg(d.first_norm ORDER BY d.at) AS first_norms,
           array_agg(d.second_norm ORDER BY d.at) AS second_norms,
           array_agg(d.first_vec ORDER BY d.at) AS first_vecs,
           array_agg(d.second_vec ORDER BY d.at) AS second_vecs INTO drawn
    FROM (SELECT s.*, row_number() OVER (ORDER BY hashint8extended(s.id, 42), s.id) AS at
          FROM impl.ask_everywhere(asked || jsonb_build_object('limit', greatest(sample_n, probe_n))
                  || CASE WHEN by_query THEN '{}' ELSE '{"vectors": true}'::jsonb END, second.name) AS a
          CROSS JOIN LATERAL unnest(
              (a.answer ->> 'ids')::bigint[], (a.answer ->> 'first_norms')::float8[],
              (a.answer ->> 'second_norms')::float8[], (a.answer ->> 'first_vecs')::pgvector.halfvec[],
              (a.answer ->> 'second_vecs')::pgvector.halfvec[])
              AS s(id, first_norm, second_norm, first_vec, second_vec)) AS d;
    RETURN QUERY SELECT 'norm', n.before, n.after
    FROM unnest(drawn.first_norms[:probe_n], drawn.second_norms[:probe_n]) AS n(before, after)
    WHERE n.before IS NOT NULL;
    IF by_query THEN
        SELECT array_agg(NULL::bigint) AS ids, array_agg(q.first_vec) AS first_vecs,
               array_agg(q.second_vec) AS second_vecs INTO probes
        FROM (SELECT a.vec AS first_vec, b.vec AS second_vec
              FROM ops.query_vector AS a JOIN ops.query_vector AS b USING (query_hash)
              WHERE a.space_id = first.id AND b.space_id = second.id AND a.vec IS NOT NULL
                AND b.vec IS NOT NULL
              ORDER BY query_hash LIMIT probe_n) AS q;
    ELSE
        SELECT array_agg(i.id) AS ids, array_agg(i.first_vec) AS first_vecs,
               array_agg(i.second_vec) AS second_vecs INTO probes
        FROM unnest(drawn.ids[:probe_n], drawn.first_vecs[:probe_n], drawn.second_vecs[:probe_n])
            AS i(id, first_vec, second_vec) WHERE i.first_vec IS NOT NULL;
    END IF;
    asked := asked || jsonb_build_object('sampled', drawn.ids[:sample_n]::text);
    FOR at IN 1 .. coalesce(cardinality(probes.ids), 0) BY batch_n LOOP
        RETURN QUERY
        WITH told AS MATERIALIZED (
            SELECT t.* FROM impl.ask_everywhere(asked || jsonb_build_object(
                'excluded', probes.ids[at:at + batch_n - 1]::text,
                'first_vecs', probes.first_vecs[at:at + batch_n - 1]::text,
                'second_vecs', probes.second_vecs[at:at + batch_n - 1]::text), second.name) AS a
            CROSS JOIN LATERAL unnest(
                (a.answer ->> 'probes')::bigint[], (a.answer ->> 'ids')::bigint[],
                (a.answer ->> 'first_sims')::float8[], (a.answer ->> 'second_sims')::float8[],
                (a.answer ->> 'first_scores')::float8[], (a.answer ->> 'second_scores')::float8[])
                AS t(probe, id, first_sim, second_sim, first_score, second_score)),
        placed AS MATERIALIZED (
            SELECT t.*, CASE WHEN t.first_score IS NOT NULL THEN row_number() OVER (
                       PARTITION BY t.probe ORDER BY t.first_score DESC NULLS LAST, t.id) END AS first_at,
                   CASE WHEN t.second_score IS NOT NULL THEN row_number() OVER (
                       PARTITION BY t.probe ORDER BY t.second_score DESC NULLS LAST, t.id) END AS second_at
            FROM told AS t)
        SELECT 'similarity', p.first_sim, p.second_sim FROM placed AS p
        WHERE p.id = ANY (drawn.ids[:sample_n])
        UNION ALL
        SELECT 'near', p.first_sim, p.second_sim FROM placed AS p
        WHERE least(p.first_at, p.second_at) <= near_n AND p.first_sim IS NOT NULL
          AND p.second_sim IS NOT NULL
        UNION ALL
        SELECT 'kept', 1, count(*) FILTER (WHERE p.second_at <= kept_n) / count(*)::float8
        FROM placed AS p WHERE p.first_at <= kept_n GROUP BY p.probe;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.generation_pairs(ops.space, ops.space, int) IS
    'Similarities of the same pairs in two generations of a space, of items here and on shards.';
