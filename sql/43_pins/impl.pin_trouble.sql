-- Names the fault of a pin as ops.import_pins takes it; NULL where there is none.
--   SELECT impl.pin_trouble('{"query": "pump", "external_id": "P1", "place": 1000}');
CREATE OR REPLACE FUNCTION impl.pin_trouble(pin jsonb)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    place CONSTANT text := coalesce(pin ->> 'place', '0');
    name text;
BEGIN
    IF jsonb_typeof(pin) IS DISTINCT FROM 'object' THEN
        RETURN 'it is no object';
    ELSIF pin - '{query,external_id,place,from,until,note}'::text[] <> '{}' THEN
        RETURN 'it may have query, external_id, place, from, until and note';
    ELSIF impl.fold_query(pin ->> 'query') IS NULL OR length(pin ->> 'query') > 1000 THEN
        RETURN 'its query is empty, or longer than 1000 characters';
    ELSIF coalesce(pin ->> 'external_id', '') = '' OR length(pin ->> 'external_id') > 500 THEN
        RETURN 'it has no external_id of up to 500 characters';
    ELSIF place !~ E'^\\d{1,3}$' OR NOT (place::int BETWEEN 0 AND 100) THEN
        RETURN 'its place is no whole number from 1 to 100, nor 0 to bury';
    ELSIF length(pin ->> 'note') > 1000 THEN
        RETURN 'its note is longer than 1000 characters';
    END IF;
    FOREACH name IN ARRAY '{from,until}'::text[] LOOP
        IF coalesce(pin ->> name, '') NOT IN ('', 'infinity', '-infinity')
            AND (pin ->> name !~ E'^\\d{4}-\\d\\d-\\d\\d'
                 OR NOT pg_input_is_valid(pin ->> name, 'timestamptz')) THEN
            RETURN format('its %s is no date such as 2026-01-31', name);
        END IF;
    END LOOP;
    RETURN CASE WHEN nullif(pin ->> 'from', '')::timestamptz >= nullif(pin ->> 'until', '')::timestamptz
                THEN 'its end (until) is not after its beginning (from)' END;
END $$;

COMMENT ON FUNCTION impl.pin_trouble(jsonb) IS 'Fault of a pin to import, or NULL.';
