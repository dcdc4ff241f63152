-- Items of a collection by external_id, wherever they are: here, or on the shards whose slots they belong to;
-- filtered: on shards, those alone that pass a filter, and are valid on its day (impl.dated).
--   SELECT i.id FROM impl.named_items(impl.named_collection('parts'), '{P0002}') AS i;
CREATE OR REPLACE FUNCTION impl.named_items(
    cid int,
    external_ids text[],
    filter text DEFAULT NULL,
    filtered boolean DEFAULT false)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.* FROM core.item AS i
        WHERE i.collection_id = cid AND i.external_id = ANY (named_items.external_ids);
        RETURN;
    END IF;
    RETURN QUERY SELECT r.*
    FROM impl.ask_homes(cid, named_items.external_ids, '{"do": "items"}' || CASE
        WHEN filtered THEN jsonb_build_object('filter', named_items.filter) ELSE '{}' END) AS a
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'items') AS e(item)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::core.item, e.item || jsonb_build_object('collection_id',
        cid))
        AS r;
END $$;

COMMENT ON FUNCTION impl.named_items(int, text[], text, boolean)
    IS 'Items of a collection by external_id, here or on shards.';
