-- Rows that the shards of a collection answer to a question page by page, all at once and each at its own
-- pace: with the request go `collection`, and `after`, the id of the item behind which the next page begins.
-- An answer has `rows`, and `last`, the last item of the page, NULL where there is none behind it
-- (impl.item_page). In no order.
--   SELECT count(*) FROM impl.rows_away(impl.named_collection('parts'), '{"do": "listed", "limit": 100}');
CREATE OR REPLACE FUNCTION impl.rows_away(cid int, request jsonb)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    asked CONSTANT jsonb := '{"after": 0}' || request || jsonb_build_object('collection', (
        SELECT c.name FROM core.collection AS c WHERE c.id = cid));
    shards int[] := impl.shards_of(cid);
    requests jsonb[] := ARRAY[asked];
    answers jsonb;
BEGIN
    WHILE shards <> '{}' LOOP
        SELECT jsonb_object_agg(a.shard, a.answer) INTO answers FROM impl.ask_shards(shards, requests) AS a;
        RETURN QUERY SELECT e.value FROM jsonb_each(answers) AS a
        CROSS JOIN LATERAL jsonb_array_elements(a.value -> 'rows') AS e;
        SELECT coalesce(array_agg(s.id ORDER BY s.id), '{}'),
               array_agg(asked || jsonb_build_object('after', a.value -> 'last') ORDER BY s.id)
        INTO shards, requests
        FROM jsonb_each(answers) AS a JOIN core.shard AS s ON s.name = a.key
        WHERE a.value ->> 'last' IS NOT NULL;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.rows_away(int, jsonb) IS
    'Rows that the shards of a collection answer to a question page by page.';
