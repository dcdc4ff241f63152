-- Pictures and marked passages of items of a shard (impl.shown_items).
--   SELECT impl.answer_shown('{"collection": "parts", "query": "pump", "ids": "{1,2}"}');
CREATE OR REPLACE FUNCTION impl.answer_shown(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found jsonb;
BEGIN
    SELECT jsonb_agg(to_jsonb(s)) INTO found
    FROM core.item AS i
    CROSS JOIN LATERAL impl.shown_items(request ->> 'collection', request ->> 'query', ARRAY[i.id]) AS s
    WHERE i.id = ANY ((request ->> 'ids')::bigint[]);
    RETURN jsonb_build_object('items', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_shown(jsonb) IS 'Pictures and marked passages of items of a shard.';
