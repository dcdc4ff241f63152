-- Hits of a ranking that was made before (elements {"item_id", "rank", "score", "legs", "adjustments"}), as
-- rows of search.hybrid: those whose items are still there and pass the filter, in their old order.
--   SELECT * FROM impl.placed_items('parts', '[{"item_id": 7, "rank": 1, "score": 0.5, "legs": {}}]');
CREATE OR REPLACE FUNCTION impl.placed_items(collection text, hits jsonb, filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb, adjustments jsonb)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    SELECT h.item_id, h.rank, h.score, h.legs, h.adjustments
    FROM jsonb_to_recordset(placed_items.hits) AS h(item_id bigint, rank int, score float8, legs jsonb,
                                                          adjustments jsonb)
    JOIN (
        SELECT ARRAY(SELECT (e.hit ->> 'item_id')::bigint
                     FROM jsonb_array_elements(placed_items.hits) AS e(hit)) AS ids) AS w ON true
    JOIN LATERAL (
        SELECT o.* FROM core.item AS o WHERE o.id = h.item_id
        UNION ALL
        SELECT o.* FROM impl.shard_items(w.ids, placed_items.collection, placed_items.filter) AS o
        WHERE o.id = h.item_id) AS i ON true
    CROSS JOIN (SELECT impl.named_collection(placed_items.collection) AS id) AS c
    CROSS JOIN impl.parse_filter(impl.dated(c.id, placed_items.filter)) AS f
    WHERE i.collection_id = c.id
      AND impl.fits(i.metadata, f.contains, f.path)
    ORDER BY h.rank
$$;

COMMENT ON FUNCTION impl.placed_items(text, jsonb, text) IS
    'Hits of an earlier ranking whose items are still there and pass a filter.';
