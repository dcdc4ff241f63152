-- Learns the usual of a collection (impl.learn_norm), of all shards where it is on some, and keeps it for the
-- rules of search.quality; runs begin with it.
--   SELECT ops.learn_quality('parts');
CREATE OR REPLACE FUNCTION ops.learn_quality(collection text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
    INSERT INTO ops.quality_norm AS q (collection_id, makers, categories, readers)
    SELECT c.id, n.makers, n.categories, n.readers
    FROM impl.named_collection(learn_quality.collection) AS c(id)
    CROSS JOIN LATERAL impl.learn_norm(c.id) AS n
    ON CONFLICT (collection_id) DO UPDATE SET makers = excluded.makers, categories = excluded.categories,
        readers = excluded.readers, learned_at = now()
$$;

COMMENT ON FUNCTION ops.learn_quality(text) IS
    'Learns the makers, categories and usual OCR confidence of a collection.';
