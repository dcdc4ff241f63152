-- Pictures of an item, each once: photos before nameplates before others, as pages show them.
--   SELECT impl.item_pictures(1);
CREATE OR REPLACE FUNCTION impl.item_pictures(of_item bigint)
RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(
        SELECT p.picture_id FROM (
            SELECT DISTINCT ON (m.picture_id) m.picture_id, m.role, m."position" FROM core.media AS m
            WHERE m.item_id = of_item AND m.picture_id IS NOT NULL
            ORDER BY m.picture_id, m.role DESC, m."position"
        ) AS p
        ORDER BY p.role DESC, p."position", p.picture_id)
$$;

COMMENT ON FUNCTION impl.item_pictures(bigint) IS 'Pictures of an item in the order of pages, each once.';
