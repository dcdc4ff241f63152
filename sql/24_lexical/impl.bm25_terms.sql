-- Terms of a query that occur in an index, with their weight: idf times the frequency in the query.
--   idf = ln(1 + (N - df + 0.5) / (df + 0.5)), never negative (Lucene's variant of Robertson, Sparck Jones)
-- df counts live documents and is always current: of a frequent term, which has vectors in chunks, it is the
-- sum of counts in covering indexes; of another in an index with chunks, the number of documents that the
-- index of lexemes finds, which come along (`docs`). drift is the weight now over the idf of the vectors. On
-- a shard that answers its coordinator, df is that of all shards (impl.outside).
--   SELECT * FROM impl.bm25_terms((impl.live_index('parts')).id, ARRAY['pump'], 100, false);
CREATE OR REPLACE FUNCTION impl.bm25_terms(index_id int, tokens text[], n_docs bigint, chunked boolean)
RETURNS TABLE (lexeme text, df bigint, weight float8, drift float8, docs bigint[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT q.lexeme, g.df, i.weight, i.weight / c.idf, r.docs
    FROM (SELECT t.lexeme COLLATE "C" AS lexeme, count(*) AS n FROM unnest(tokens) AS t(lexeme)
          GROUP BY 1) AS q
    CROSS JOIN (SELECT impl.outside('df') AS counts OFFSET 0) AS o
    CROSS JOIN LATERAL (
        SELECT sum(t.n) AS n, min(t.idf) AS idf FROM core.lexical_vector AS t
        WHERE t.index_id = bm25_terms.index_id AND t.lexeme = q.lexeme
    ) AS c
    CROSS JOIN LATERAL (
        SELECT sum(p.n) AS n FROM core.posting AS p
        WHERE p.index_id = bm25_terms.index_id AND p.lexeme = q.lexeme
    ) AS p
    CROSS JOIN LATERAL (
        SELECT CASE WHEN chunked AND c.idf IS NULL
                    THEN impl.documents_with(bm25_terms.index_id, ARRAY[q.lexeme]) END AS docs OFFSET 0
    ) AS r
    CROSS JOIN LATERAL (
        SELECT coalesce(cardinality(r.docs), coalesce(c.n, 0) + coalesce(p.n, 0)) AS df
    ) AS s
    CROSS JOIN LATERAL (SELECT coalesce((o.counts ->> q.lexeme)::numeric, s.df) AS df) AS g
    CROSS JOIN LATERAL (SELECT q.n * ln(1 + (n_docs - g.df + 0.5) / (g.df + 0.5)) AS weight) AS i
    WHERE g.df > 0
$$;

COMMENT ON FUNCTION impl.bm25_terms(int, text[], bigint, boolean) IS
    'Terms of a query that occur in an index, with document frequency and weight.';
