-- Terms of a query that occur in an index, with their weight: idf times the frequency in the query.
--   idf = ln(1 + (N - df + 0.5) / (df + 0.5)), never negative (Lucene's variant of Robertson, Sparck Jones)
-- df counts live documents; it comes from the covering index of the blocks alone, and so is always current.
--   SELECT * FROM impl.bm25_terms((impl.live_index('parts')).id, ARRAY['pump'], 100);
CREATE OR REPLACE FUNCTION impl.bm25_terms(index_id int, tokens text[], n_docs bigint)
RETURNS TABLE (lexeme text, df bigint, weight float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT q.lexeme, s.df, q.n * ln(1 + (n_docs - s.df + 0.5) / (s.df + 0.5))
    FROM (SELECT t.lexeme COLLATE "C" AS lexeme, count(*) AS n FROM unnest(tokens) AS t(lexeme)
          GROUP BY 1) AS q
    CROSS JOIN LATERAL (
        SELECT sum(p.n) AS df FROM core.posting_block AS p
        WHERE p.index_id = bm25_terms.index_id AND p.lexeme = q.lexeme
    ) AS s
    WHERE s.df > 0
$$;

COMMENT ON FUNCTION impl.bm25_terms(int, text[], bigint) IS
    'Terms of a query that occur in an index, with document frequency and weight.';
