-- The next items of a shard that ops.judge_items will judge, with what is needed to find copies of their
-- pictures on other shards (impl.answer_copies): `cases`, those with pictures.
--   SELECT impl.answer_cases('{"collection": "parts", "after": "", "items_n": 100}');
CREATE OR REPLACE FUNCTION impl.answer_cases(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found jsonb;
BEGIN
    SELECT jsonb_agg(jsonb_build_object(
        'item_id', c.v -> 'item_id', 'external_id', c.v -> 'external_id', 'numbers', c.v -> 'numbers',
        'sha256s', jsonb_path_query_array(c.v, '$.pictures[*].sha256'))) INTO found
    FROM jsonb_array_elements(impl.quality_cases(impl.collection_id(request ->> 'collection'),
        request ->> 'after', (request -> 'items_n')::int)) AS c(v)
    WHERE c.v -> 'pictures' <> '[]';
    RETURN jsonb_build_object('cases', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_cases(jsonb) IS
    'The next items of a shard to judge, to find copies of their pictures.';
