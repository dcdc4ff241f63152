-- Items that are pinned or buried for a query now, and pass its filter, the pinned ones first; place NULL:
-- buried. A pinned item that fails the filter, or is not in the collection, has no row.
--   SELECT * FROM impl.pins_of(impl.collection_id('parts'), '진공 펌프', '{"in_stock": true}');
CREATE OR REPLACE FUNCTION impl.pins_of(cid int, query text, filter text)
RETURNS TABLE (item_id bigint, place int)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    f record;
BEGIN
    IF query IS NULL OR NOT EXISTS (SELECT FROM core.pin AS p WHERE p.collection_id = cid) THEN
        RETURN;
    END IF;
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT i.id, p.place
        FROM core.pin AS p
        JOIN impl.named_items(cid, ARRAY(
            SELECT o.external_id FROM core.pin AS o
            WHERE o.collection_id = cid AND o.folded = impl.fold_query(pins_of.query)), pins_of.filter,
                true) AS i
            ON i.external_id = p.external_id
        WHERE p.collection_id = cid AND p.folded = impl.fold_query(pins_of.query)
          AND p.valid_from <= now() AND now() < p.valid_until
        ORDER BY p.place, i.id;
        RETURN;
    END IF;
    f := impl.parse_filter(impl.dated(cid, filter));
    RETURN QUERY
    SELECT i.id, p.place
    FROM core.pin AS p
    JOIN core.item AS i ON i.collection_id = p.collection_id AND i.external_id = p.external_id
    WHERE p.collection_id = cid AND p.folded = impl.fold_query(pins_of.query)
      AND p.valid_from <= now() AND now() < p.valid_until AND impl.fits(i.metadata, f.contains, f.path)
    ORDER BY p.place, i.id;
END $$;

COMMENT ON FUNCTION impl.pins_of(int, text, text) IS
    'Items pinned or buried for a query now that pass its filter.';
