-- State of an item's vectors in a space compared with its content: fresh, stale, missing, or none (nothing to
-- encode, and no vector). Compares hashes of the content, whatever the outbox says.
--   SELECT impl.vector_state(impl.live_space('text'), c.vector_sources, i.id, i.fields || i.picture_fields)
--   FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id LIMIT 1;
CREATE OR REPLACE FUNCTION impl.vector_state(
    of_space ops.space,
    vector_sources jsonb,
    of_item bigint,
    fields jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN wanted.hashes = stored.hashes
                THEN CASE WHEN cardinality(stored.hashes) = 0 THEN 'none' ELSE 'fresh' END
                WHEN cardinality(stored.hashes) = 0 THEN 'missing' ELSE 'stale' END
    FROM (SELECT ARRAY(
            SELECT f.source || ' ' || f.content_hash
            FROM impl.vector_content(vector_sources, of_space.name, of_space.modality, of_item, fields) AS f
            ORDER BY 1) AS hashes) AS wanted
    CROSS JOIN (SELECT ARRAY(
            SELECT DISTINCT e.source || ' ' || e.content_hash
            FROM core.embedding AS e WHERE e.space_id = of_space.id AND e.item_id = of_item
            ORDER BY 1) AS hashes) AS stored
$$;

COMMENT ON FUNCTION impl.vector_state(ops.space, jsonb, bigint, jsonb) IS
    'State of an item''s vectors compared with its content: fresh, stale, missing or none.';
