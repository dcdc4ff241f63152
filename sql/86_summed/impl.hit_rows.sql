-- Items of a ranking of a collection by id, wherever they are: here, or on its shards. shown: the same
-- statement will ask impl.shown_items for their pictures and passages, with the words `marked`; shards then
-- send these along, and they are remembered until it ends, so that they take no trip of their own.
--   SELECT i.external_id FROM impl.hit_rows('parts', '{1,2}', shown => true, marked => 'pump') AS i;
CREATE OR REPLACE FUNCTION impl.hit_rows(
    collection text,
    ids bigint[],
    shown boolean DEFAULT false,
    marked text DEFAULT NULL)
RETURNS SETOF core.item
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    answers jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY SELECT i.* FROM core.item AS i WHERE i.id = ANY (ids);
        RETURN;
    ELSIF coalesce(ids, '{}') = '{}' THEN
        RETURN;
    END IF;
    SELECT jsonb_agg(a.answer) INTO answers
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', CASE WHEN shown THEN 'hits' ELSE 'items' END, 'collection', collection,
        'query', marked, 'ids', ids::text,
        'statistics', CASE WHEN marked IS NOT NULL THEN impl.shard_words(cid, marked) END)]) AS a;
    IF shown THEN
        PERFORM set_config('seogo.shown', jsonb_build_object('key', impl.shown_key(cid, marked), 'shown', (
            SELECT jsonb_object_agg(e.shown ->> 'item_id', e.shown)
            FROM jsonb_array_elements(answers) AS a(answer)
            CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'shown') AS e(shown)))::text, true);
    END IF;
    RETURN QUERY
    SELECT r.* FROM jsonb_array_elements(answers) AS a(answer)
    CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'items') AS e(item)
    CROSS JOIN LATERAL jsonb_populate_record(
        NULL::core.item, e.item || jsonb_build_object('collection_id', cid)) AS r;
END $$;

COMMENT ON FUNCTION impl.hit_rows(text, bigint[], boolean, text) IS
    'Items of a ranking by id, here or on shards, with what a page will show of them.';
