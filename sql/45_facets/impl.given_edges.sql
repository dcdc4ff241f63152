-- Reads the bounds of ranges, ascending and each once: numbers, or days, of which 2024 and 2024-03 are the
-- first ones. Raises SG004 for anything else, and for more than 100.
--   SELECT impl.given_edges('number', '{10,20.5}'), impl.given_edges('date', '{2024,2024-07}');
CREATE OR REPLACE FUNCTION impl.given_edges(kind text, bounds text[])
RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
AS $$
DECLARE
    most CONSTANT int := 100;
    bound text;
    whole text;
    read numeric[] := '{}';
BEGIN
    IF cardinality(bounds) NOT BETWEEN 1 AND most THEN
        RAISE EXCEPTION 'there are % bounds', cardinality(bounds)
            USING ERRCODE = 'SG004', HINT = format('Give 1 to %s, or none: then they are chosen.', most);
    END IF;
    FOREACH bound IN ARRAY bounds LOOP
        whole := bound || CASE length(bound) WHEN 4 THEN '-01-01' WHEN 7 THEN '-01' ELSE '' END;
        read := read || CASE
            WHEN kind = 'number' AND pg_input_is_valid(bound, 'numeric')
                 AND bound !~* 'nan|inf' THEN bound::numeric
            WHEN kind = 'date' AND whole ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND pg_input_is_valid(whole, 'date')
                THEN (whole::date - date '1970-01-01')::numeric END;
        IF read[cardinality(read)] IS NULL THEN
            RAISE EXCEPTION '% is no bound of values that are %', coalesce(bound, '(null)'),
                CASE kind WHEN 'date' THEN 'days' ELSE 'numbers' END USING ERRCODE = 'SG004',
                HINT = 'Bounds are numbers, or days such as 2024, 2024-03 or 2024-03-09, as the values are.';
        END IF;
    END LOOP;
    RETURN ARRAY(SELECT DISTINCT b FROM unnest(read) AS b ORDER BY b);
END $$;

COMMENT ON FUNCTION impl.given_edges(text, text[]) IS 'Bounds of ranges on a scale, ascending.';
