-- Pictures of other items of a collection nearest to pictures of cases of search.quality, each item once:
-- impl.nearest per vector, so by the HNSW index where there are many. other_picture is NULL where the picture
-- was replaced since its vector was made.
--   SELECT n.* FROM impl.live_space('image') AS live,
--       impl.picture_neighbours(live, 'parts', '[{"item_id": 1}]', ARRAY[1], ARRAY[1],
--           ARRAY[(SELECT e.vec FROM core.embedding AS e WHERE e.space_id = live.id LIMIT 1)]) AS n;
CREATE OR REPLACE FUNCTION impl.picture_neighbours(
    live ops.space,
    collection text,
    cases jsonb,
    nos int[],
    picture_nos int[],
    vecs pgvector.halfvec[])
RETURNS TABLE (case_no int, picture_no int, item_id bigint, other_id bigint, other_picture bigint,
               other_role text, similarity float8)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    neighbours CONSTANT int := 12;  -- ten that vote on the category, and two that may be copies
BEGIN
    live.min_similarity := NULL;  -- a cutoff of searches
    RETURN QUERY
    SELECT v.no, v.picture_no, own.id, h.id, m.picture_id, m.role, h.score
    FROM unnest(nos, picture_nos, vecs) AS v(no, picture_no, vec)
    CROSS JOIN LATERAL (SELECT (cases -> (v.no - 1) ->> 'item_id')::bigint AS id) AS own
    CROSS JOIN LATERAL impl.nearest(live, v.vec, neighbours, NULL, picture_neighbours.collection, NULL,
                                    array_remove(ARRAY[own.id], NULL)) AS n
    CROSS JOIN LATERAL unnest(n.ids, n.scores, n.sources, n.parts) AS h(id, score, source, part)
    JOIN core.item AS o ON o.id = h.id
    JOIN core.collection AS c ON c.id = o.collection_id
    LEFT JOIN LATERAL (
        SELECT w.picture_id, w.role FROM core.media AS w
        WHERE w.item_id = h.id AND w.picture_id = (
            impl.vector_pictures(c.vector_sources, live.name, h.id) -> h.source ->> h.part)::bigint
        LIMIT 1) AS m ON true
    WHERE h.score <> 'NaN';
END $$;

COMMENT ON FUNCTION impl.picture_neighbours(ops.space, text, jsonb, int[], int[], pgvector.halfvec[]) IS
    'Items with pictures nearest to given ones, by their vectors.';
