-- Vectors of a space that a page of the items of a collection on a shard have (impl.item_page).
--   SELECT impl.answer_stored('{"collection": "parts", "space": "text", "after": 0, "limit": 100}');
CREATE OR REPLACE FUNCTION impl.answer_stored(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.live_space(request ->> 'space');
    page CONSTANT record := impl.item_page(impl.collection_id(request ->> 'collection'),
                                           (request ->> 'after')::bigint, (request ->> 'limit')::int);
    found jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('item_id', i.id, 'external_id', i.external_id, 'source', e.source,
                                        'part_no', e.part_no, 'vec', e.vec::text)) INTO found
    FROM core.embedding AS e JOIN core.item AS i ON i.id = e.item_id
    WHERE e.space_id = live.id AND e.item_id = ANY (page.ids);
    RETURN jsonb_build_object('rows', coalesce(found, '[]'), 'last', page.last);
END $$;

COMMENT ON FUNCTION impl.answer_stored(jsonb) IS 'Vectors of a space that a page of items of a shard have.';
