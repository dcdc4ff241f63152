-- Writes a value of impl.scale_of: a number without zeros at its end, or a day as 2024-03-09. NULL from the
-- year 10000 on, which days as texts do not reach.
--   SELECT impl.scale_text('number', 2.50), impl.scale_text('date', 19791);
CREATE OR REPLACE FUNCTION impl.scale_text(kind text, val numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN kind = 'number' THEN trim_scale(val)::text
                WHEN val < date '10000-01-01' - date '1970-01-01'
                    THEN to_char(date '1970-01-01' + floor(val)::int, 'YYYY-MM-DD') END
$$;

COMMENT ON FUNCTION impl.scale_text(text, numeric) IS 'Number or day of a scale as text.';
