-- Tokens of a sparse vector and their weights, by token. pgvector has no way but text.
--   SELECT * FROM impl.weights_of('{8:1.5,30522:0.25}/30522');   -- 7 1.5, 30521 0.25
CREATE OR REPLACE FUNCTION impl.weights_of(weights pgvector.sparsevec)
RETURNS TABLE (token_id int, weight real)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 120
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT split_part(t.pair, ':', 1)::int - 1, split_part(t.pair, ':', 2)::real
    FROM string_to_table(translate(split_part(weights_of.weights::text, '/', 1), '{}', ''), ',') AS t(pair)
    WHERE t.pair <> ''
$$;

COMMENT ON FUNCTION impl.weights_of(pgvector.sparsevec) IS 'Tokens of a sparse vector and their weights.';
