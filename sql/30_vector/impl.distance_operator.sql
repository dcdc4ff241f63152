-- Operator and index operator class of pgvector for a distance, and its similarity (higher is better) as an
-- expression over the distance `dist`. Constants, put into statements by format().
--   SELECT * FROM impl.distance_operator('cosine', 'none');
CREATE OR REPLACE FUNCTION impl.distance_operator(
    distance text,
    quantization text,
    OUT operator text,
    OUT opclass text,
    OUT similarity text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE distance WHEN 'cosine' THEN 'OPERATOR(pgvector.<=>)'
                         WHEN 'ip' THEN 'OPERATOR(pgvector.<#>)'
                         WHEN 'l2' THEN 'OPERATOR(pgvector.<->)' END,
           CASE WHEN quantization = 'binary' THEN 'pgvector.bit_hamming_ops'
                WHEN distance = 'cosine' THEN 'pgvector.halfvec_cosine_ops'
                WHEN distance = 'ip' THEN 'pgvector.halfvec_ip_ops'
                WHEN distance = 'l2' THEN 'pgvector.halfvec_l2_ops' END,
           CASE distance WHEN 'cosine' THEN '1 - dist' ELSE '-dist' END
$$;

COMMENT ON FUNCTION impl.distance_operator(text, text) IS
    'Operator, operator class and similarity expression of a distance.';
