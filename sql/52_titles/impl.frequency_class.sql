-- Class of a count: the count itself up to 16, then four classes for each doubling. An index on (class, key)
-- gives the most frequent keys with a prefix by one short scan per class. No SET: inlined.
--   SELECT impl.frequency_class(16), impl.frequency_class(32);   -- 16, 20
CREATE OR REPLACE FUNCTION impl.frequency_class(n bigint)
RETURNS smallint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (CASE WHEN n <= 16 THEN greatest(n, 0) ELSE 16 + floor(4 * log(2, n / 16.0)) END)::smallint
$$;

COMMENT ON FUNCTION impl.frequency_class(bigint) IS
    'Class of a count: itself up to 16, then four for each doubling; 0 where there is none.';
