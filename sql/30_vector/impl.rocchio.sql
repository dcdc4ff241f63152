-- Query vector for "like these, unlike those", from stored vectors: the mean of the positive items minus half
-- the mean of the negative ones, normalised (Rocchio, 1971, with alpha 0). SG003 when no positive item has a
-- vector. In a space of kind sparse the same with token weights, which keep their size (impl.item_weights).
--   SELECT impl.rocchio(impl.live_space('text'), ARRAY[1], ARRAY[2]);
CREATE OR REPLACE FUNCTION impl.rocchio(live ops.space, positive bigint[], negative bigint[])
RETURNS pgvector.halfvec
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    toward pgvector.halfvec;
    away pgvector.halfvec;
BEGIN
    IF live.kind = 'sparse' THEN
        toward := impl.item_weights(live.id, positive, negative, NULL);
    ELSE
        SELECT pgvector.avg(v.vec) INTO toward FROM impl.item_vectors(live, positive) AS v;
    END IF;
    IF toward IS NULL THEN
        RAISE EXCEPTION 'none of the items % has a vector in space %', positive, live.name
            USING ERRCODE = 'SG003', HINT = 'See search.coverage; `seogo embed` encodes what is missing.';
    END IF;
    IF live.kind = 'sparse' THEN
        RETURN toward;
    END IF;
    SELECT pgvector.avg(v.vec) INTO away FROM impl.item_vectors(live, negative) AS v;
    -- Twice the one less the other, of the same direction: halves of the smallest values are an underflow in
    -- halfvec.
    RETURN pgvector.l2_normalize(CASE WHEN away IS NULL THEN toward
                                      ELSE toward OPERATOR(pgvector.+) toward OPERATOR(pgvector.-) away END);
END $$;

COMMENT ON FUNCTION impl.rocchio(ops.space, bigint[], bigint[]) IS
    'Query vector from liked and disliked items.';
