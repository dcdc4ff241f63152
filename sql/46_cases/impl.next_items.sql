-- The next items of a collection in the order of their external ids, here or on shards: those that
-- search.quality judges.
--   SELECT external_id FROM impl.next_items(impl.named_collection('parts'), '', 100);
CREATE OR REPLACE FUNCTION impl.next_items(cid int, after text, items_n int)
RETURNS TABLE (id bigint, external_id text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    (SELECT i.id, i.external_id FROM core.item AS i
     WHERE i.collection_id = cid AND i.external_id > after
     ORDER BY i.external_id LIMIT items_n)
    UNION ALL
    (SELECT r.id, r.external_id
     FROM impl.ask_shards(CASE WHEN impl.is_spread(cid) AND items_n > 0 THEN impl.shards_of(cid)
                               ELSE '{}' END,
         ARRAY[impl.judging_question(cid, 'cases', jsonb_build_object('after', after, 'items_n', items_n))])
         AS a
     CROSS JOIN LATERAL jsonb_to_recordset(a.answer -> 'items') AS r(id bigint, external_id text)
     ORDER BY r.external_id LIMIT items_n)
    ORDER BY external_id
$$;

COMMENT ON FUNCTION impl.next_items(int, text, int) IS
    'The next items of a collection in the order of their external ids, here or on shards.';
