-- Lexical leg: exact BM25F. Score: higher is better; ties by item_id. impl.bm25_top computes the answer.
-- max_postings bounds the work on common words and makes the answer approximate; NULL, the default, is exact.
--   SELECT * FROM search.lexical('parts', '진공 펌프', 5, '{"in_stock": true}');
CREATE OR REPLACE FUNCTION search.lexical(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    max_postings int DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, terms text[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT h.item_id, h.at::int, h.score,
           ARRAY(SELECT q FROM unnest(t.words) AS q
                 WHERE cardinality(t.words) <= impl.few_terms()
                   AND w.lexemes[width_bucket(q, w.lexemes)] = q
                 UNION ALL
                 SELECT q FROM unnest(w.lexemes) AS l JOIN unnest(t.words) AS q ON q = l
                 WHERE cardinality(t.words) > impl.few_terms()
                 ORDER BY 1)
    FROM impl.bm25_top(collection, query, k, filter, max_postings) AS t
    CROSS JOIN LATERAL unnest(t.ids, t.scores) WITH ORDINALITY AS h(item_id, score, at)
    JOIN core.lexdoc AS d ON d.item_id = h.item_id AND d.index_id = t.index_id
    -- As in impl.bm25_scores: decompressed once, and walked along once where the words are many.
    CROSS JOIN LATERAL (SELECT array_cat(d.lexemes, NULL) AS lexemes OFFSET 0) AS w
    ORDER BY h.at
$$;

COMMENT ON FUNCTION search.lexical(text, text, int, text, int) IS
    'Items of a collection ranked by exact BM25F (weights per field), with the query terms they have. Score: '
    'higher is better. max_postings bounds the work of an approximate answer.';
