-- Versions of an item, the oldest first: items of its collection with the same version_of in their metadata,
-- or the item alone. valid_from and valid_until are days of the metadata, NULL: open; `today`: valid today.
--   SELECT v.* FROM search.versions(1) AS v;
CREATE OR REPLACE FUNCTION search.versions(item_id bigint)
RETURNS TABLE (item_id bigint, external_id text, valid_from date, valid_until date, today boolean)
LANGUAGE sql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    SELECT v.id, v.external_id, s.begin, s.stop,
           coalesce(s.begin <= current_date, true) AND coalesce(s.stop > current_date, true)
    FROM impl.item_rows(ARRAY[versions.item_id]) AS i
    CROSS JOIN LATERAL (
        SELECT i.id, i.external_id, i.metadata WHERE NOT i.metadata ? 'version_of'
        UNION ALL
        SELECT h.id, h.external_id, h.metadata FROM impl.items_having(
            i.collection_id, jsonb_build_object('version_of', i.metadata -> 'version_of')) AS h
        WHERE i.metadata ? 'version_of') AS v
    CROSS JOIN LATERAL (SELECT impl.day_of(v.metadata, 'valid_from') AS begin,
                               impl.day_of(v.metadata, 'valid_until') AS stop) AS s
    ORDER BY s.begin NULLS FIRST, v.id
$$;

COMMENT ON FUNCTION search.versions(bigint) IS
    'Versions of an item, the oldest first, with the days from and until which they are valid.';
