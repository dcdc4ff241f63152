-- Tokens of a query and their weights, from the vector that carries them (impl.packed), by token.
--   SELECT * FROM impl.unpacked('[0,7,1.5,14,1849,0.25]');   -- {7,30521}, {1.5,0.25}
CREATE OR REPLACE FUNCTION impl.unpacked(query_vec pgvector.halfvec, OUT ids int[], OUT weights float8[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array_agg((2048 * v.numbers[3 * n + 1] + v.numbers[3 * n + 2])::int ORDER BY n),
           array_agg(v.numbers[3 * n + 3]::float8 ORDER BY n)
    FROM (SELECT unpacked.query_vec::pgvector.vector::real[] AS numbers OFFSET 0) AS v
    CROSS JOIN generate_series(0, cardinality(v.numbers) / 3 - 1) AS n
$$;

COMMENT ON FUNCTION impl.unpacked(pgvector.halfvec) IS
    'Tokens of a query and their weights, from the vector that carries them.';
