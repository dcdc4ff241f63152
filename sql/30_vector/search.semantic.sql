-- Vector leg: items nearest to a query vector, each once, by its best vector; impl.nearest describes the
-- methods. Score: cosine similarity in [-1, 1] (or inner product, or minus the Euclidean distance, depending
-- on the space); higher is better; ties by item_id. path: the method used, exact or hnsw.
--   SELECT * FROM search.semantic('text', (SELECT vec FROM core.embedding LIMIT 1), 5, '$.year >= 2019',
--       'parts');
CREATE OR REPLACE FUNCTION search.semantic(
    space text,
    query_vec pgvector.halfvec,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    collection text DEFAULT NULL,
    only_source text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, source text, part_no int, path text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.item_id, h.at::int, h.score, h.source, h.part_no, n.path
    FROM impl.nearest(impl.live_space(space), query_vec, k, filter, collection, only_source) AS n
    CROSS JOIN LATERAL unnest(n.ids, n.scores, n.sources, n.parts) WITH ORDINALITY
        AS h(item_id, score, source, part_no, at)
    ORDER BY h.at
$$;

COMMENT ON FUNCTION search.semantic(text, pgvector.halfvec, int, text, text, text) IS
    'Items nearest to a vector in the live generation of a space, each once (higher score is better). '
    'Returns k items whenever k match, with the method used.';
