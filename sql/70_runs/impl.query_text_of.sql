-- Words of a query by an item, from its row: the text of the fields named in an array, or (null) of all that
-- the index weighs more than 0.
--   SELECT impl.query_text_of(i, '["title"]', '{}') FROM core.item AS i LIMIT 1;
CREATE OR REPLACE FUNCTION impl.query_text_of(item core.item, item_fields jsonb, field_weights jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT nullif(string_agg(f.value, E'\n' ORDER BY f.key), '')
    FROM jsonb_each_text((query_text_of.item).fields || (query_text_of.item).picture_fields) AS f
    WHERE CASE WHEN jsonb_typeof(item_fields) = 'array' THEN item_fields ? f.key
               ELSE coalesce((field_weights ->> f.key)::float8, 1) > 0 END
$$;

COMMENT ON FUNCTION impl.query_text_of(core.item, jsonb, jsonb) IS
    'Text of an item as a query, from its row.';
