-- Pictures of an item that a space embeds: {source: [picture ids]}, in order of role and position; sources
-- without a picture left out. Sources name them as @role.
--   SELECT impl.vector_pictures('{"image": {"photo": ["@photo"]}}', 'image', 1);
CREATE OR REPLACE FUNCTION impl.vector_pictures(vector_sources jsonb, space text, of_item bigint)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_object_agg(shown.source, shown.pictures), '{}')
    FROM (
        SELECT s.key AS source, jsonb_agg(m.picture_id ORDER BY m.role, m.position) AS pictures
        FROM jsonb_each(vector_sources -> space) AS s
        JOIN core.media AS m ON m.item_id = of_item AND m.picture_id IS NOT NULL AND s.value ? ('@' || m.role)
        GROUP BY s.key
    ) AS shown
$$;

COMMENT ON FUNCTION impl.vector_pictures(jsonb, text, bigint) IS 'Pictures to embed per source.';
