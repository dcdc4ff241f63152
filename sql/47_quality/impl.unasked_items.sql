-- Items with pictures that a model has not compared with their fields yet, or that changed since, in the
-- order of their external ids: fields and metadata, the first three pictures, and a hash of both.
--   SELECT item_id, subject FROM impl.unasked_items('parts', 'qwen3-vl', 10);
CREATE OR REPLACE FUNCTION impl.unasked_items(collection text, model text, k int)
RETURNS TABLE (item_id bigint, external_id text, fields jsonb, metadata jsonb, pictures bigint[],
               subject uuid)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.id, i.external_id, i.fields, i.metadata, p.ids, s.subject
    FROM core.item AS i
    CROSS JOIN LATERAL (
        SELECT ARRAY(SELECT m.picture_id FROM core.media AS m
                     WHERE m.item_id = i.id AND m.picture_id IS NOT NULL
                     ORDER BY m.role, m.position LIMIT 3) AS ids) AS p
    CROSS JOIN LATERAL (SELECT md5(i.content_hash::text || p.ids::text)::uuid AS subject) AS s
    WHERE i.collection_id = impl.collection_id(unasked_items.collection) AND p.ids <> '{}'
      AND NOT EXISTS (SELECT FROM ops.opinion AS o WHERE o.item_id = i.id AND o.subject = s.subject
                        AND o.model = unasked_items.model)
    ORDER BY i.external_id LIMIT impl.at_least('k', unasked_items.k, 0)
$$;

COMMENT ON FUNCTION impl.unasked_items(text, text, int) IS
    'Items whose pictures a model has not compared with their fields yet.';
