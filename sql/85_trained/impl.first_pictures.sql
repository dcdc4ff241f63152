-- First picture of each of some items of a collection, by external_id, here or on shards; those without are
-- left out.
--   SELECT external_id, picture_id FROM impl.first_pictures(impl.named_collection('parts'), '{P0002}');
CREATE OR REPLACE FUNCTION impl.first_pictures(cid int, external_ids text[])
RETURNS TABLE (external_id text, picture_id bigint)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT f.external_id, f.picture_id
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object('do', 'first_pictures',
            'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
            'external_ids', first_pictures.external_ids::text)]) AS a
        CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'rows') AS f(external_id text, picture_id bigint);
    ELSE
        RETURN QUERY
        SELECT DISTINCT ON (i.id) i.external_id, m.picture_id
        FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id AND m.picture_id IS NOT NULL
        WHERE i.collection_id = cid AND i.external_id = ANY (first_pictures.external_ids)
        ORDER BY i.id, m.position, m.id;
    END IF;
END $$;

COMMENT ON FUNCTION impl.first_pictures(int, text[]) IS
    'First picture of each of some items of a collection, here or on shards.';
