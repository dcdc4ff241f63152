-- Day under a key of metadata, as 2020-01-31; NULL where there is none, or something else.
--   SELECT impl.day_of('{"valid_from": "2020-01-31"}', 'valid_from');
CREATE OR REPLACE FUNCTION impl.day_of(metadata jsonb, key text)
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN metadata ->> key ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                     AND pg_input_is_valid(metadata ->> key, 'date')
                THEN make_date(left(metadata ->> key, 4)::int, substr(metadata ->> key, 6, 2)::int,
                               right(metadata ->> key, 2)::int) END
$$;

COMMENT ON FUNCTION impl.day_of(jsonb, text) IS 'Day under a key of metadata; NULL where there is none.';
