-- Items by id with their words (impl.plain_words, without those that have digits) and the mean of their
-- vectors in a space, those that have one, in the order of their ids, wherever they are: here, or on shards,
-- which are asked for many at once.
--   SELECT p.words
--   FROM impl.worded_items(impl.named_collection('parts'), impl.live_space('text'), '{1}') AS p;
CREATE OR REPLACE FUNCTION impl.worded_items(cid int, live ops.space, ids bigint[])
RETURNS TABLE (id bigint, words text[], vec pgvector.vector)
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    items_n CONSTANT int := 1000;  -- of a question: some 5 MB of 384 dimensions
    sorted CONSTANT bigint[] := ARRAY(SELECT u.id FROM unnest(ids) AS u(id) ORDER BY u.id);
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT i.id, w.words, v.vec
        FROM core.item AS i
        CROSS JOIN LATERAL (
            SELECT pgvector.avg(e.vec::pgvector.vector ORDER BY e.source, e.part_no) AS vec
            FROM core.embedding AS e WHERE e.space_id = live.id AND e.item_id = i.id) AS v
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT t.word COLLATE "C") AS words FROM jsonb_each_text(i.fields) AS f
            CROSS JOIN LATERAL unnest(impl.plain_words(f.value)) AS t(word) WHERE t.word !~ '[0-9]') AS w
        WHERE i.collection_id = cid AND i.id = ANY (ids) AND v.vec IS NOT NULL
        ORDER BY i.id;
        RETURN;
    END IF;
    FOR low IN 1 .. coalesce(cardinality(sorted), 0) BY items_n LOOP
        RETURN QUERY
        SELECT r.id, r.words, r.vec
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'worded', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
            'space', live.name || '@' || live.generation,
            'ids', sorted[low : low + items_n - 1]::text)]) AS a
        CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'items') AS r(id bigint, words text[], vec
            pgvector.vector)
        ORDER BY r.id;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.worded_items(int, ops.space, bigint[]) IS
    'Items with their words and the mean of their vectors, here or on shards.';
