-- Lists of the legs of words and of numbers for a query on a shard (impl.word_lists).
--   SELECT impl.answer_word_lists('{"collection": "parts", "query": "pump", "depth": 3}');
CREATE OR REPLACE FUNCTION impl.answer_word_lists(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN impl.word_lists(request ->> 'collection', request ->> 'query', (request ->> 'depth')::int,
                           request ->> 'field', request ->> 'piece');
END $$;

COMMENT ON FUNCTION impl.answer_word_lists(jsonb) IS
    'Lists of the legs of words and of numbers for a query on a shard.';
