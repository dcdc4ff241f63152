-- Adds the next items, by id, to a lexical index that is behind its collection, as many as one chunk takes;
-- for an upgrade, which builds new indexes beside those in force. Returns their number, 0 at the end.
--   SELECT impl.extend_index(1, 16000);
CREATE OR REPLACE FUNCTION impl.extend_index(index_id int, item_n int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan'
AS $$
DECLARE
    x core.lexical_index;
    items bigint[];
    added record;
BEGIN
    SELECT * INTO x FROM core.lexical_index AS l WHERE l.id = extend_index.index_id FOR KEY SHARE;
    items := ARRAY(
        SELECT i.id FROM core.item AS i
        WHERE i.collection_id = x.collection_id
          AND i.id > coalesce((SELECT max(d.item_id) FROM core.document AS d WHERE d.index_id = x.id), 0)
        ORDER BY i.id LIMIT item_n);
    IF items <> '{}' THEN
        added := impl.add_documents(x, items);
        PERFORM impl.place_documents(x, added.docs);
    END IF;
    RETURN cardinality(items);
END $$;

COMMENT ON FUNCTION impl.extend_index(int, int) IS
    'Adds the next items to a lexical index that an upgrade builds; returns their number.';
