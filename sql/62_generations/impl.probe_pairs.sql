-- Pairs of one probe, for impl.generation_pairs. sims: the statement that returns both similarities of the
-- probe ($1, $2: its vectors) and items ($3). Of items that are here.
--   SELECT p.* FROM impl.probe_pairs(a, b, NULL, vec_a, vec_b, '{1,2}', statement) AS p;
CREATE OR REPLACE FUNCTION impl.probe_pairs(
    first ops.space,
    second ops.space,
    probe_id bigint,
    first_vec pgvector.halfvec,
    second_vec pgvector.halfvec,
    sampled bigint[],
    sims text)
RETURNS TABLE (kind text, first_sim float8, second_sim float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = '{"own": true}'
AS $$
DECLARE
    itself CONSTANT bigint[] := array_remove(ARRAY[probe_id], NULL);
    near_n CONSTANT int := 20;
    kept_n CONSTANT int := 10;
    first_ids bigint[];
    second_ids bigint[];
BEGIN
    -- A cutoff would hide what lies below it.
    first.min_similarity := NULL;
    second.min_similarity := NULL;
    SELECT n.ids INTO first_ids FROM impl.nearest(first, first_vec, near_n, excluded => itself) AS n;
    SELECT n.ids INTO second_ids FROM impl.nearest(second, second_vec, near_n, excluded => itself) AS n;
    RETURN QUERY EXECUTE 'SELECT ''similarity'', p.* FROM (' || sims || ') AS p'
        USING first_vec, second_vec, array_remove(sampled, probe_id);
    RETURN QUERY EXECUTE 'SELECT ''near'', p.* FROM (' || sims || ') AS p'
        USING first_vec, second_vec, first_ids || second_ids;
    IF cardinality(first_ids) > 0 THEN
        RETURN QUERY SELECT 'kept', 1::float8,
            count(*) FILTER (WHERE i = ANY (second_ids[:kept_n])) / count(*)::float8
                FROM unnest(first_ids[:kept_n]) AS i;
    END IF;
END $$;

COMMENT ON FUNCTION impl.probe_pairs(ops.space, ops.space, bigint, pgvector.halfvec, pgvector.halfvec,
                                     bigint[], text) IS
    'Similarities of a probe and items in two generations.';
