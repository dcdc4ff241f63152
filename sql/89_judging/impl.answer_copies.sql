-- Items of a shard, of other part numbers, that show a picture file of items of other shards
-- (impl.answer_cases), as impl.quality_copies finds them: per item there and file the first one, of those
-- with a lower id.
--   SELECT impl.answer_copies('{"collection": "parts", "cases": []}');
CREATE OR REPLACE FUNCTION impl.answer_copies(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.collection_id(request ->> 'collection');
    found jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object('item_id', c.v -> 'item_id', 'sha256', s.sha256, 'other_id', o.id,
                                        'other', o.external_id)) INTO found
    FROM jsonb_array_elements(request -> 'cases') AS c(v)
    CROSS JOIN LATERAL jsonb_array_elements_text(c.v -> 'sha256s') AS s(sha256)
    JOIN core.picture AS g ON g.sha256 = decode(s.sha256, 'hex')
    CROSS JOIN LATERAL (
        SELECT i.id, i.external_id FROM core.media AS m
        JOIN core.item AS i ON i.id = m.item_id AND i.collection_id = cid
        WHERE m.picture_id = g.id AND i.id < (c.v -> 'item_id')::bigint AND NOT impl.same_part(c.v, i.id)
        ORDER BY i.id LIMIT 1) AS o;
    RETURN jsonb_build_object('copies', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_copies(jsonb) IS
    'Items of a shard that show a picture file of items of other shards.';
