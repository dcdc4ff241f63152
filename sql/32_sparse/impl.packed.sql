-- Packs the weights of the tokens of a query into one vector, as legs and stored queries carry them: per
-- token the number in two parts (numbers up to 2,048 are exact in half floats) and the weight. Tokens of
-- weight 0 are left out, of more than 5,333 those that weigh least; where none is left, one that weighs
-- nothing.
--   SELECT impl.packed('{7,30521}', '{1.5,0.25}');   -- [0,7,1.5,14,1849,0.25]
CREATE OR REPLACE FUNCTION impl.packed(ids int[], weights float8[])
RETURNS pgvector.halfvec
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(n.number ORDER BY t.id, n.at)::real[], '{0,0,0}')::pgvector.halfvec
    FROM (
        SELECT u.id, u.weight FROM unnest(packed.ids, packed.weights) AS u(id, weight)
        WHERE abs(u.weight) >= 1e-6 ORDER BY abs(u.weight) DESC, u.id LIMIT 5333
    ) AS t
    CROSS JOIN LATERAL (VALUES (1, (t.id / 2048)::real), (2, (t.id % 2048)::real), (3, t.weight::real))
        AS n(at, number)
$$;

COMMENT ON FUNCTION impl.packed(int[], float8[]) IS
    'One vector that carries the weights of the tokens of a query.';
