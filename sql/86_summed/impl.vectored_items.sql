-- Items of a collection that have a vector in a space: how many (n), and limit_n of them in an order that has
-- nothing to do with when they came; wherever they are: here, or on shards.
--   SELECT n FROM impl.vectored_items(impl.live_space('text'), impl.named_collection('parts'), 200);
CREATE OR REPLACE FUNCTION impl.vectored_items(
    live ops.space,
    cid int,
    limit_n int,
    OUT n bigint,
    OUT ids bigint[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    answers jsonb;
BEGIN
    IF NOT impl.is_spread(cid) THEN
        n := (SELECT count(*) FROM core.item AS i WHERE i.collection_id = cid AND EXISTS (
            SELECT FROM core.embedding AS e WHERE e.space_id = live.id AND e.item_id = i.id));
        ids := ARRAY(
            SELECT i.id FROM core.item AS i WHERE limit_n > 0 AND i.collection_id = cid AND EXISTS (
                SELECT FROM core.embedding AS e WHERE e.space_id = live.id AND e.item_id = i.id)
            ORDER BY hashint8extended(i.id, 42), i.id LIMIT limit_n);
        RETURN;
    END IF;
    SELECT jsonb_agg(a.answer) INTO answers
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'vectored', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        'space', live.name || '@' || live.generation, 'limit', limit_n)]) AS a;
    n := (SELECT sum((a.answer -> 'n')::bigint) FROM jsonb_array_elements(answers) AS a(answer));
    ids := ARRAY(
        SELECT e.id FROM jsonb_array_elements(answers) AS a(answer)
        CROSS JOIN LATERAL unnest((a.answer ->> 'ids')::bigint[]) AS e(id)
        ORDER BY hashint8extended(e.id, 42), e.id LIMIT limit_n);
END $$;

COMMENT ON FUNCTION impl.vectored_items(ops.space, int, int) IS
    'Items of a collection that have a vector in a space: how many, and a sample.';
