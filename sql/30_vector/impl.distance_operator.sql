-- pgvector's operator and index operator class of a distance, and its similarity (higher is better) as an
-- expression over the distance `dist`. Constants, to be put into statements by format().
--   SELECT * FROM impl.distance_operator('cosine', 'none');
CREATE OR REPLACE FUNCTION impl.distance_operator(distance text, quantization text, OUT operator text, OUT opclass text, OUT similarity text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE distance WHEN 'cosine' THEN '<=>' WHEN 'ip' THEN '<#>' WHEN 'l2' THEN '<->' END,
           CASE WHEN quantization = 'binary' THEN 'bit_hamming_ops'
                WHEN distance = 'cosine' THEN 'halfvec_cosine_ops' WHEN distance = 'ip' THEN 'halfvec_ip_ops' WHEN distance = 'l2' THEN 'halfvec_l2_ops' END,
           CASE distance WHEN 'cosine' THEN '1 - dist' ELSE '-dist' END
$$;

COMMENT ON FUNCTION impl.distance_operator(text, text) IS 'Operator, operator class and similarity expression of a distance.';
