-- Edges of the bars of a histogram, from the bar of the lowest value to that of the highest: multiples of a
-- number, or first days of a year, month or day. Without a step: a round number with 10 to 25 bars for most
-- values; days up to 31 of them, months up to three years. Raises SG004 for other steps, and for more than
-- 1,000 bars.
--   SELECT impl.histogram_edges('number', '{1,2,30}', '10'), impl.histogram_edges('date', '{0,40}', 'month');
CREATE OR REPLACE FUNCTION impl.histogram_edges(kind text, vals numeric[], step text)
RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    most CONSTANT int := 1000;
    bars CONSTANT int := 10;  -- at least, where the step is chosen and the values are no whole numbers
    low CONSTANT numeric := vals[1];
    high CONSTANT numeric := vals[cardinality(vals)];
    span CONSTANT numeric := high - low;
    unit CONSTANT text := coalesce(step, CASE WHEN span <= 31 THEN 'day' WHEN span <= 1096 THEN 'month'
                                              ELSE 'year' END);
    days CONSTANT int := CASE unit WHEN 'year' THEN 366 WHEN 'month' THEN 31 ELSE 1 END;
    width numeric;
BEGIN
    IF kind = 'date' AND unit IN ('year', 'month', 'day') AND span / days < most THEN
        RETURN ARRAY(
            SELECT (t::date - date '1970-01-01')::numeric
            FROM generate_series(date_trunc(unit, (date '1970-01-01' + low::int)::timestamp),
                                 (date '1970-01-01' + high::int)::timestamp + ('1 ' || unit)::interval,
                                 ('1 ' || unit)::interval) AS t);
    ELSIF kind = 'number' AND (step IS NULL OR pg_input_is_valid(step, 'numeric') AND step !~* 'nan|inf') THEN
        width := coalesce(step::numeric, CASE WHEN span = 0 THEN 1 ELSE impl.round_step(span / bars) END);
        IF step IS NULL AND (SELECT bool_and(v = trunc(v)) FROM unnest(vals) AS v) THEN
            width := greatest(width, 1);
        END IF;
        IF width > 0 AND span / width < most THEN
            RETURN ARRAY(SELECT n * width
                         FROM generate_series(floor(low / width), floor(high / width) + 1) AS n);
        END IF;
    END IF;
    RAISE EXCEPTION 'a histogram of these values, which are %, has no step %',
        CASE kind WHEN 'date' THEN 'days' ELSE 'numbers' END, step
        USING ERRCODE = 'SG004', HINT = format(
            'For days year, month or day, for numbers a number above 0; with at most %s bars from %s to %s. '
            'Without a step one is chosen.', most, impl.scale_text(kind, low), impl.scale_text(kind, high));
END $$;

COMMENT ON FUNCTION impl.histogram_edges(text, numeric[], text) IS 'Edges of the bars of a histogram.';
