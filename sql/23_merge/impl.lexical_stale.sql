-- Differences between the items of a collection and an index: items without a forward row or with one of an
-- older text, and rows of deleted items (`there` is false). Triggers keep this empty, so such rows were
-- written while triggers were disabled.
--   SELECT * FROM impl.lexical_stale((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.lexical_stale(index_id int)
RETURNS TABLE (item_id bigint, there boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(i.id, d.item_id), i.id IS NOT NULL
    FROM (SELECT i.* FROM core.item AS i JOIN core.lexical_index AS x ON x.collection_id = i.collection_id
          WHERE x.id = lexical_stale.index_id) AS i
    FULL JOIN (SELECT d.item_id, d.fields_hash FROM core.document AS d
               WHERE d.index_id = lexical_stale.index_id) AS d ON d.item_id = i.id
    WHERE i.id IS NULL
       OR d.fields_hash IS DISTINCT FROM hashtextextended((i.fields || i.picture_fields)::text, 0)
$$;

COMMENT ON FUNCTION impl.lexical_stale(int) IS
    'Items that are missing or outdated in an index, and rows of deleted items.';
