-- Items that are on shards, by id, as rows of core.item; ids of items that are here, and of items that are
-- gone, are left out. With a collection, only its items that pass a filter. All shards that may have
-- some are asked at once: an item is on one of them, at the switch of a move the same on two, and its id does
-- not say where.
--   SELECT s.external_id FROM impl.shard_items('{1000000000001}') AS s;
CREATE OR REPLACE FUNCTION impl.shard_items(ids bigint[], collection text DEFAULT NULL, filter text DEFAULT
    NULL)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT bigint[] := impl.ids_away(shard_items.ids);
BEGIN
    IF away = '{}' THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT DISTINCT ON (r.id) r.*
    FROM impl.ask_shards(impl.shards_of(CASE WHEN shard_items.collection IS NOT NULL
        THEN impl.named_collection(shard_items.collection) END), ARRAY[jsonb_build_object(
        'do', 'items', 'ids', away::text) || CASE WHEN shard_items.collection IS NULL THEN '{}'
        ELSE jsonb_build_object('collection', shard_items.collection, 'filter', shard_items.filter) END]) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'items') AS e(item)
    JOIN core.collection AS c ON c.name = e.item ->> 'collection' AND impl.is_spread(c.id)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::core.item, e.item || jsonb_build_object('collection_id',
        c.id))
        AS r;
END $$;

COMMENT ON FUNCTION impl.shard_items(bigint[], text, text) IS 'Items that are on shards, by id.';
