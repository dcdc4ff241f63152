-- Largest of 1, 2 and 5 times a power of ten that is not above a positive number.
--   SELECT impl.round_step(37), impl.round_step(0.04);   -- 20, 0.02
CREATE OR REPLACE FUNCTION impl.round_step(amount numeric)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ten numeric := power(10::numeric, floor(log(amount)));
BEGIN
    -- The logarithm is rounded; next to a power of ten it may be on the wrong side.
    ten := CASE WHEN ten > amount THEN ten / 10 WHEN ten * 10 <= amount THEN ten * 10 ELSE ten END;
    RETURN trim_scale(ten * CASE WHEN ten * 5 <= amount THEN 5 WHEN ten * 2 <= amount THEN 2 ELSE 1 END);
END $$;

COMMENT ON FUNCTION impl.round_step(numeric) IS '1, 2 or 5 times a power of ten, not above a number.';
