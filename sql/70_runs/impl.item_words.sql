-- Words of a query by item: the text of the fields named in an array, or (null) of all that the index weighs
-- more than 0.
--   SELECT impl.item_words((SELECT id FROM core.item LIMIT 1), '["title"]', '{}');
CREATE OR REPLACE FUNCTION impl.item_words(item_id bigint, item_fields jsonb, field_weights jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT nullif(string_agg(f.value, E'\n' ORDER BY f.key), '')
    FROM core.item AS i CROSS JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS f
    WHERE i.id = item_words.item_id AND CASE WHEN jsonb_typeof(item_fields) = 'array' THEN item_fields ? f.key
                                             ELSE coalesce((field_weights ->> f.key)::float8, 1) > 0 END
$$;

COMMENT ON FUNCTION impl.item_words(bigint, jsonb, jsonb) IS 'Text of an item as a query.';
