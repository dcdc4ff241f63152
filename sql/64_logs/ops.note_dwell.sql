-- Writes for how many milliseconds somebody has looked at the item that a visit (ops.log_click) opened; told
-- several times, the longest counts. Returns whether there is such a visit to an item of the collection.
--   SELECT ops.note_dwell('parts', 'a1b2c3d4', 42000);
CREATE OR REPLACE FUNCTION ops.note_dwell(collection text, visit text, dwell_ms int)
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS (
        UPDATE ops.query_click AS k SET dwell_ms = greatest(k.dwell_ms, note_dwell.dwell_ms)
        WHERE k.visit = note_dwell.visit AND k.collection_id = impl.named_collection(note_dwell.collection)
        RETURNING 1
    )
    SELECT EXISTS (SELECT FROM told)
$$;

COMMENT ON FUNCTION ops.note_dwell(text, text, int) IS
    'Writes how long a visit lasted; false where there is none.';
