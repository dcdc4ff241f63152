-- Texts that say what the pictures of a page of items of a collection on a shard show
-- (impl.texts_of_pictures, impl.item_page).
--   SELECT impl.answer_picture_texts('{"collection": "parts", "after": 0, "limit": 100}');
CREATE OR REPLACE FUNCTION impl.answer_picture_texts(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    page CONSTANT record := impl.item_page(cid, (request ->> 'after')::bigint, (request ->> 'limit')::int);
    found jsonb;
BEGIN
    SELECT jsonb_agg(to_jsonb(t)) INTO found
    FROM impl.texts_of_pictures(cid, (request ->> 'sources')::text[], (request ->> 'roles')::text[],
                                request ->> 'group_key', page.ids) AS t;
    RETURN jsonb_build_object('rows', coalesce(found, '[]'), 'last', page.last);
END $$;

COMMENT ON FUNCTION impl.answer_picture_texts(jsonb) IS
    'Texts that say what the pictures of a page of items of a shard show.';
