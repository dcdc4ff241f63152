-- Finds items like some and unlike others, by their stored vectors; no encoder is needed. The given items are
-- left out. Score: as in search.semantic; higher is better; ties by item_id.
--   SELECT * FROM search.like_items(ARRAY[(SELECT min(item_id) FROM core.embedding)], '{}', 'text', 5);
CREATE OR REPLACE FUNCTION search.like_items(
    positive_ids bigint[],
    negative_ids bigint[] DEFAULT '{}',
    space text DEFAULT 'text',
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    collection text DEFAULT NULL,
    only_source text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, source text, part_no int, path text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.item_id, h.at::int, h.score, h.source, h.part_no, n.path
    FROM impl.live_space(space) AS live
    CROSS JOIN LATERAL impl.nearest(
        live, impl.rocchio(live, positive_ids, negative_ids), k, filter, collection, only_source,
        positive_ids || coalesce(negative_ids, '{}')) AS n
    CROSS JOIN LATERAL unnest(n.ids, n.scores, n.sources, n.parts) WITH ORDINALITY
        AS h(item_id, score, source, part_no, at)
    ORDER BY h.at
$$;

COMMENT ON FUNCTION search.like_items(bigint[], bigint[], text, int, text, text, text) IS
    'Items near the liked ones and away from the disliked ones, by their stored vectors.';
