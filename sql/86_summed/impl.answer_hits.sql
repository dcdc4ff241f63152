-- Items of a shard by id, with their pictures and, where words are given to be marked, passages: what a page
-- of results shows, in one answer (impl.answer_items, impl.answer_shown).
--   SELECT impl.answer_hits('{"collection": "parts", "query": "pump", "ids": "{1,2}"}');
CREATE OR REPLACE FUNCTION impl.answer_hits(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN impl.answer_items(jsonb_build_object('ids', request -> 'ids'))
        || jsonb_build_object('shown', impl.answer_shown(request) -> 'items');
END $$;

COMMENT ON FUNCTION impl.answer_hits(jsonb) IS 'Items of a shard with their pictures and passages.';
