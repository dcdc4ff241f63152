-- Matches of a query and an item of a shard, rows of search.token_matches or search.weight_matches (of);
-- empty where the item is not here.
--   SELECT impl.answer_matches('{"of": "weights", "space": "sparse", "id": 1, "vec": "[0,7,1]"}');
CREATE OR REPLACE FUNCTION impl.answer_matches(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    item CONSTANT bigint := request -> 'id';
    space CONSTANT text := request ->> 'space';
    vec CONSTANT pgvector.halfvec := request ->> 'vec';
    rows jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM core.item AS i WHERE i.id = item AND NOT impl.is_hidden(i.collection_id)) THEN
        RETURN '{}';
    ELSIF request ->> 'of' = 'tokens' THEN
        SELECT jsonb_agg(to_jsonb(m) ORDER BY m.word_no) INTO rows
        FROM search.token_matches(space, item, request ->> 'query', vec,
                                  (request ->> 'spans')::int4multirange[]) AS m;
    ELSE
        SELECT jsonb_agg(to_jsonb(m)) INTO rows
        FROM search.weight_matches(space, item, request ->> 'query', vec) AS m;
    END IF;
    RETURN jsonb_build_object('rows', coalesce(rows, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_matches(jsonb) IS 'Matches of a query and an item of a shard.';
