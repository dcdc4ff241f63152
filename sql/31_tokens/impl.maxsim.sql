-- Scores items by late interaction: for each token of the query the highest similarity to a token of the
-- text; the mean of these, in [-1, 1] (times the number of tokens it is the MaxSim of the paper). An item
-- counts by its best window; those without vectors in the space are left out. Best first; ties by item_id.
-- Khattab, Zaharia: ColBERT, 2020.
--   SELECT * FROM impl.maxsim(impl.live_space('tokens'), (SELECT vec FROM ops.query_vector LIMIT 1),
--       ARRAY[1, 2]);
CREATE OR REPLACE FUNCTION impl.maxsim(
    live ops.space,
    query_vec pgvector.halfvec,
    items bigint[],
    only_source text DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    vectors CONSTANT pgvector.halfvec[] := impl.token_vectors(query_vec, live.dim);
    statement CONSTANT text := impl.maxsim_statement(live, cardinality(vectors));
BEGIN
    IF live.quantization = 'binary' THEN
        EXECUTE statement INTO ids, scores, sources, parts
            USING impl.token_signs(vectors), items, only_source;
    ELSE
        EXECUTE statement INTO ids, scores, sources, parts USING vectors, items, only_source;
    END IF;
END $$;

COMMENT ON FUNCTION impl.maxsim(ops.space, pgvector.halfvec, bigint[], text) IS
    'Items scored by late interaction of the query''s tokens with theirs, as arrays, best first.';
