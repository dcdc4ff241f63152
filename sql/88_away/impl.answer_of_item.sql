-- Rows about an item of a shard, with the name of its collection: media (impl.item_media), caption (of all
-- its pictures: search.item_captions), spaces (impl.item_spaces), readings (search.readings) or earlier ones
-- (search.earlier_readings). Nothing of an item that is not here.
--   SELECT impl.answer_of_item('{"of": "media", "id": 1}');
CREATE OR REPLACE FUNCTION impl.answer_of_item(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    of_item CONSTANT bigint := request -> 'id';
    owner text;
    found jsonb;
BEGIN
    SELECT c.name INTO owner FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
    WHERE i.id = of_item AND NOT impl.is_hidden(c.id);
    IF owner IS NULL THEN
        RETURN '{}';
    END IF;
    CASE request ->> 'of'
        WHEN 'media' THEN
            SELECT jsonb_agg(to_jsonb(m)) INTO found FROM impl.item_media(of_item) AS m;
        WHEN 'caption' THEN
            SELECT jsonb_agg(to_jsonb(k)) INTO found FROM search.item_captions AS k WHERE k.item_id = of_item;
        WHEN 'spaces' THEN
            SELECT jsonb_agg(to_jsonb(s)) INTO found FROM impl.item_spaces(of_item) AS s;
        WHEN 'readings' THEN
            SELECT jsonb_agg(to_jsonb(r)) INTO found FROM search.readings(of_item) AS r;
        WHEN 'earlier' THEN
            SELECT jsonb_agg(to_jsonb(e)) INTO found FROM search.earlier_readings(of_item) AS e;
    END CASE;
    RETURN jsonb_build_object('collection', owner, 'rows', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_of_item(jsonb) IS 'Rows about an item of a shard.';
