-- Sum of planes of factors in fixed point: twice the sum so far plus the next plane, from the highest down,
-- as many times as `steps` says; a missing plane adds nothing. The highest so counts 2^steps times. A product
-- per factor would cost ten times a sum: pgvector looks at each of its numbers for overflow and underflow.
--   SELECT impl.joined_planes(1, '[3,0]', '[1,1]', NULL, NULL, NULL, NULL, NULL, NULL);   -- [7,1]
CREATE OR REPLACE FUNCTION impl.joined_planes(
    steps int,
    p7 pgvector.vector,
    p6 pgvector.vector,
    p5 pgvector.vector,
    p4 pgvector.vector,
    p3 pgvector.vector,
    p2 pgvector.vector,
    p1 pgvector.vector,
    p0 pgvector.vector)
RETURNS pgvector.vector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    total pgvector.vector := p7;
    next pgvector.vector;
BEGIN
    FOR step IN 1..steps LOOP
        next := CASE step WHEN 1 THEN p6 WHEN 2 THEN p5 WHEN 3 THEN p4 WHEN 4 THEN p3 WHEN 5 THEN p2
                          WHEN 6 THEN p1 ELSE p0 END;
        total := CASE WHEN total IS NULL THEN next
                      WHEN next IS NULL THEN total OPERATOR(pgvector.+) total
                      ELSE total OPERATOR(pgvector.+) total OPERATOR(pgvector.+) next END;
    END LOOP;
    RETURN total;
END $$;

COMMENT ON FUNCTION impl.joined_planes(int, pgvector.vector, pgvector.vector, pgvector.vector,
                                       pgvector.vector, pgvector.vector, pgvector.vector, pgvector.vector,
                                       pgvector.vector) IS
    'Sum of planes of factors in fixed point, from the highest down.';
