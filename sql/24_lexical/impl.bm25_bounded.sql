-- Best k items of documents of which only bounds of the scores are known: the probe_n with the highest are
-- scored in full, then those whose bound is not below the k-th best.
--   SELECT * FROM impl.bm25_bounded('{1,2}', '{3.5,1.25}', 10, 64, ARRAY['pump'], ARRAY[1.5], 1.2, 0.75, 20);
CREATE OR REPLACE FUNCTION impl.bm25_bounded(
    docs bigint[],
    bounds float8[],
    k int,
    probe_n bigint,
    words text[],
    weights float8[],
    k1 float8,
    b float8,
    avg_length float8,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL)
RETURNS TABLE (item_id bigint, score float8)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH bounded AS MATERIALIZED (
        SELECT r.doc, r.bound * (1 + 1e-9) AS bound, row_number() OVER (ORDER BY r.bound DESC) AS place
        FROM unnest(docs, bounds) AS r(doc, bound)
    ),
    first AS MATERIALIZED (
        SELECT s.item_id, s.score FROM impl.bm25_scores(
            ARRAY(SELECT r.doc FROM bounded AS r WHERE r.place <= probe_n), words, bm25_bounded.weights,
            k1, b, avg_length, contains, path) AS s
    ),
    least AS (SELECT min(f.score) AS score FROM (SELECT o.score FROM first AS o
                                                 ORDER BY o.score DESC LIMIT k) AS f
              HAVING count(*) = k)
    SELECT u.item_id, u.score FROM (
        SELECT f.item_id, f.score FROM first AS f
        UNION ALL
        SELECT s.item_id, s.score FROM impl.bm25_scores(
            ARRAY(SELECT r.doc FROM bounded AS r
                  WHERE r.place > probe_n AND r.bound >= coalesce((SELECT l.score FROM least AS l), 0)),
            words, bm25_bounded.weights, k1, b, avg_length, contains, path) AS s
    ) AS u
    ORDER BY u.score DESC, u.item_id LIMIT k
$$;

COMMENT ON FUNCTION impl.bm25_bounded(bigint[], float8[], int, bigint, text[], float8[], float8, float8,
                                      float8, jsonb, jsonpath) IS
    'Best items of documents of which bounds of the scores are known.';
