-- On a shard: keeps the usual of a collection that its coordinator learned from all shards, for the rules of
-- search.quality.
--   SELECT ops.keep_norm('parts', '{"makers": [], "categories": {}, "readers": {}}');
CREATE OR REPLACE FUNCTION ops.keep_norm(name text, norm jsonb)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO ops.quality_norm AS q (collection_id, makers, categories, readers)
    SELECT impl.collection_id(keep_norm.name),
           ARRAY(SELECT jsonb_array_elements_text(keep_norm.norm -> 'makers')),
           keep_norm.norm -> 'categories', keep_norm.norm -> 'readers'
    ON CONFLICT (collection_id) DO UPDATE SET makers = excluded.makers, categories = excluded.categories,
        readers = excluded.readers, learned_at = now()
$$;

COMMENT ON FUNCTION ops.keep_norm(text, jsonb) IS
    'Keeps the usual of a collection that its coordinator learned from all shards.';
