-- Words of a query by item, which may be on a shard: the text of the fields named in an array, or (null) of
-- all that the index weighs more than 0.
--   SELECT impl.item_words((SELECT id FROM core.item LIMIT 1), '["title"]', '{}');
CREATE OR REPLACE FUNCTION impl.item_words(item_id bigint, item_fields jsonb, field_weights jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT impl.query_text_of(i, item_words.item_fields, item_words.field_weights)
    FROM impl.item_rows(ARRAY[item_words.item_id]) AS i
$$;

COMMENT ON FUNCTION impl.item_words(bigint, jsonb, jsonb) IS 'Text of an item as a query.';
