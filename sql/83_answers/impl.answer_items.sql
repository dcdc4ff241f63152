-- Items of a shard by id, or of a collection by external_id, as rows of core.item with the name of their
-- collection; those that are not here are left out, and, with a filter (null: none but the day), those that
-- fail it.
--   SELECT impl.answer_items('{"collection": "parts", "external_ids": ["P0002"]}');
CREATE OR REPLACE FUNCTION impl.answer_items(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    found jsonb;
    f record := impl.parse_filter(CASE WHEN request ? 'filter' THEN impl.dated(
        impl.collection_id(request ->> 'collection'), request ->> 'filter') END);
BEGIN
    IF request ? 'ids' THEN
        SELECT jsonb_agg(to_jsonb(i) || jsonb_build_object('collection', c.name)) INTO found
        FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
        WHERE i.id = ANY ((request ->> 'ids')::bigint[]) AND NOT impl.is_hidden(c.id)
          AND impl.fits(i.metadata, f.contains, f.path)
          AND c.name = coalesce(request ->> 'collection', c.name);
    ELSE
        SELECT jsonb_agg(to_jsonb(i) || jsonb_build_object('collection', request -> 'collection')) INTO found
        FROM core.item AS i
        WHERE i.collection_id = impl.collection_id(request ->> 'collection')
          AND i.external_id = ANY (ARRAY(SELECT jsonb_array_elements_text(request -> 'external_ids')))
          AND impl.fits(i.metadata, f.contains, f.path);
    END IF;
    RETURN jsonb_build_object('items', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_items(jsonb) IS 'Items of a shard by id or external_id.';
