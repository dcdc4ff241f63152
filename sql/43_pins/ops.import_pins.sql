-- Writes pins from a JSON array of {"query", "external_id", "place" (default 1; 0 or null: buried), "from",
-- "until", "note"}; a query and item that have one get the new one. replace deletes those not in the array.
-- Days are UTC; `until` is the first moment at which the pin is over. At most 10,000 pins at a time, and 100
-- items per query. Returns how many were written, how many of these name an item that the collection does not
-- have (they wait for it), and how many were deleted.
--   SELECT * FROM ops.import_pins('parts', '[{"query": "진공 펌프", "external_id": "P0002"}]');
CREATE OR REPLACE FUNCTION ops.import_pins(
    collection text,
    pins jsonb,
    replace boolean DEFAULT false,
    OUT written int,
    OUT without_item int,
    OUT deleted int)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    most CONSTANT int := 10000;
    per_query CONSTANT int := 100;
    cid CONSTANT int := impl.named_collection(collection);
    trouble text;
BEGIN
    IF jsonb_typeof(pins) IS DISTINCT FROM 'array' OR jsonb_array_length(pins) > most THEN
        RAISE EXCEPTION 'pins are no list, or more than %', most USING ERRCODE = 'SG004',
            HINT = 'Write [{"query": "pump", "external_id": "P1"}].';
    END IF;
    SELECT format('pin %s: %s', p.no, t.trouble) INTO trouble
    FROM jsonb_array_elements(pins) WITH ORDINALITY AS p(pin, no)
    CROSS JOIN LATERAL impl.pin_trouble(p.pin) AS t(trouble)
    WHERE t.trouble IS NOT NULL ORDER BY p.no LIMIT 1;
    IF trouble IS NULL THEN
        deleted := 0;
        IF replace THEN
            DELETE FROM core.pin AS p WHERE p.collection_id = cid AND NOT EXISTS (
                SELECT FROM jsonb_array_elements(pins) AS n
                WHERE impl.fold_query(n ->> 'query') = p.folded AND n ->> 'external_id' = p.external_id);
            GET DIAGNOSTICS deleted = ROW_COUNT;
        END IF;
        INSERT INTO core.pin AS p (collection_id, folded, query, external_id, place, valid_from, valid_until,
                                   note)
        SELECT DISTINCT ON (n.folded, n.pin ->> 'external_id')
               cid, n.folded, btrim(n.pin ->> 'query'), n.pin ->> 'external_id',
               nullif(CASE WHEN n.pin ? 'place' THEN (n.pin ->> 'place')::int ELSE 1 END, 0),
               coalesce(nullif(n.pin ->> 'from', '')::timestamptz, '-infinity'),
               coalesce(nullif(n.pin ->> 'until', '')::timestamptz, 'infinity'), nullif(n.pin ->> 'note', '')
        FROM (SELECT e.value AS pin, e.ordinality AS no, impl.fold_query(e.value ->> 'query') AS folded
              FROM jsonb_array_elements(pins) WITH ORDINALITY AS e) AS n
        ORDER BY n.folded, n.pin ->> 'external_id', n.no DESC
        ON CONFLICT (collection_id, folded, external_id) DO UPDATE
        SET query = excluded.query, place = excluded.place, valid_from = excluded.valid_from,
            valid_until = excluded.valid_until, note = excluded.note;
        GET DIAGNOSTICS written = ROW_COUNT;
        SELECT format('the query %s has %s items', min(p.query), count(*)) INTO trouble
        FROM core.pin AS p WHERE p.collection_id = cid
        GROUP BY p.folded HAVING count(*) > per_query LIMIT 1;
    END IF;
    IF trouble IS NOT NULL THEN
        RAISE EXCEPTION '%', trouble USING ERRCODE = 'SG004',
            HINT = format('A pin is {"query": "pump", "external_id": "P1", "place": 1, "from": "2026-01-01", '
                          '"until": "2026-02-01", "note": "campaign"}; place 0 buries; at most %s per query.',
                          per_query);
    END IF;
    SELECT count(*) INTO without_item
    FROM (SELECT DISTINCT n ->> 'external_id' AS name FROM jsonb_array_elements(pins) AS n) AS n
    WHERE n.name NOT IN (
        SELECT i.external_id FROM impl.named_items(cid, ARRAY(
            SELECT DISTINCT p ->> 'external_id' FROM jsonb_array_elements(pins) AS p)) AS i);
END $$;

COMMENT ON FUNCTION ops.import_pins(text, jsonb, boolean) IS
    'Writes pinned and buried items of queries from a JSON array.';
