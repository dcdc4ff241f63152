-- Pins an item to a place in the results of a query; the query and item that have a pin get the new one. The
-- query is matched folded (impl.fold_query). valid_until is the first moment at which the pin is over.
--   SELECT ops.pin_item('parts', '진공 펌프', 'P0002', valid_until => '2027-01-01');
CREATE OR REPLACE FUNCTION ops.pin_item(
    collection text,
    query text,
    external_id text,
    place int DEFAULT 1,
    valid_from timestamptz DEFAULT NULL,
    valid_until timestamptz DEFAULT NULL,
    note text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_item(collection, external_id);
    PERFORM ops.import_pins(collection, jsonb_build_array(jsonb_build_object(
        'query', query, 'external_id', external_id, 'place', place,
        'from', coalesce(valid_from, '-infinity'), 'until', coalesce(valid_until, 'infinity'),
        'note', note)));
END $$;

COMMENT ON FUNCTION ops.pin_item(text, text, text, int, timestamptz, timestamptz, text) IS
    'Pins an item to a place in the results of a query.';
