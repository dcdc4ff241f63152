-- Buries an item below all other results of a query. Arguments as of ops.pin_item.
--   SELECT ops.bury_item('parts', '진공 펌프', 'P0003');
CREATE OR REPLACE FUNCTION ops.bury_item(
    collection text,
    query text,
    external_id text,
    valid_from timestamptz DEFAULT NULL,
    valid_until timestamptz DEFAULT NULL,
    note text DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$ SELECT ops.pin_item(collection, query, external_id, 0, valid_from, valid_until, note) $$;

COMMENT ON FUNCTION ops.bury_item(text, text, text, timestamptz, timestamptz, text) IS
    'Buries an item below all other results of a query.';
