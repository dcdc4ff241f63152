-- Similarities of the same pairs of a probe and an item in two generations of a space. Probes are query texts
-- known in both, or, where these are few, items. Each is paired with the same sampled items (kind similarity)
-- and with its nearest twenty in either generation (near). kind kept: per probe, the share of the first
-- generation's ten nearest that are among the second's. kind norm: lengths of an item's vectors.
--   SELECT kind, avg(first_sim), avg(second_sim) FROM impl.generation_pairs(impl.live_space('text@1'),
--       impl.live_space('text@2')) GROUP BY 1;
CREATE OR REPLACE FUNCTION impl.generation_pairs(first ops.space, second ops.space, probe_n int DEFAULT 100)
RETURNS TABLE (kind text, first_sim float8, second_sim float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    few CONSTANT int := 20;
    sample_n CONSTANT int := 100;
    sims text;
    sampled bigint[];
    probe record;
    near record;
    by_query boolean;
BEGIN
    -- A fixed order that has nothing to do with when items came.
    sampled := ARRAY(
        SELECT e.item_id FROM core.embedding AS e WHERE e.space_id = second.id
          AND EXISTS (SELECT FROM core.embedding AS o WHERE o.space_id = first.id AND o.item_id = e.item_id)
        GROUP BY e.item_id ORDER BY hashint8extended(e.item_id, 42) LIMIT greatest(sample_n, probe_n));
    by_query := few <= (SELECT count(*)
                        FROM ops.query_vector AS a JOIN ops.query_vector AS b USING (query_hash)
                        WHERE a.space_id = first.id AND b.space_id = second.id AND a.vec IS NOT NULL
                          AND b.vec IS NOT NULL);
    -- An item counts by its best vector, as in a search.
    SELECT format('SELECT f.sim, s.sim
            FROM (SELECT e.item_id, max(%1$s) AS sim FROM core.%2$I AS e
                  WHERE e.item_id = ANY ($3) GROUP BY e.item_id) AS f
            JOIN (SELECT e.item_id, max(%3$s) AS sim FROM core.%4$I AS e
                  WHERE e.item_id = ANY ($3) GROUP BY e.item_id) AS s USING (item_id)',
        impl.similarity(first, '$1'), 'embedding_' || first.id, impl.similarity(second, '$2'),
        'embedding_' || second.id) INTO sims;
    FOR probe IN
        SELECT NULL::bigint AS item_id, a.vec AS first_vec, b.vec AS second_vec
        FROM ops.query_vector AS a JOIN ops.query_vector AS b USING (query_hash)
        WHERE by_query AND a.space_id = first.id AND b.space_id = second.id AND a.vec IS NOT NULL
          AND b.vec IS NOT NULL
        ORDER BY query_hash LIMIT probe_n
    LOOP
        RETURN QUERY SELECT p.*
            FROM impl.probe_pairs(first, second, probe.item_id, probe.first_vec, probe.second_vec,
                                  sampled[:sample_n], sims) AS p;
    END LOOP;
    FOR probe IN
        SELECT DISTINCT ON (a.item_id) a.item_id,
               coalesce(a.vec, impl.row_vector(a.token_weights)) AS first_vec,
               coalesce(b.vec, impl.row_vector(b.token_weights)) AS second_vec,
               coalesce(pgvector.l2_norm(a.vec), pgvector.l2_norm(a.token_weights)) AS first_norm,
               coalesce(pgvector.l2_norm(b.vec), pgvector.l2_norm(b.token_weights)) AS second_norm
        FROM core.embedding AS a JOIN core.embedding AS b USING (item_id, source, part_no)
        WHERE a.space_id = first.id AND b.space_id = second.id AND a.item_id = ANY (sampled[:probe_n])
        ORDER BY a.item_id, source, part_no
    LOOP
        RETURN QUERY SELECT 'norm', probe.first_norm, probe.second_norm;
        IF NOT by_query THEN
            RETURN QUERY SELECT p.*
                FROM impl.probe_pairs(first, second, probe.item_id, probe.first_vec, probe.second_vec,
                                      sampled[:sample_n], sims) AS p;
        END IF;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.generation_pairs(ops.space, ops.space, int) IS
    'Similarities of the same pairs in two generations of a space.';
