-- BM25 scores of documents from their forward rows: sum of weight * tf * (k1 + 1) / (tf + norm), with norm =
-- k1 * (1 - b + b * length / average length). Dead documents, those that fail the filter and those without
-- any of the terms are left out. No SET: inlined into the calling statement.
-- Robertson and Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond, 2009; tf is weighted by
-- field (BM25F): a field of weight 2 counts like the same text twice.
--   SELECT s.* FROM impl.bm25_scores(ARRAY[1, 2], ARRAY['pump'], ARRAY[1.5], 1.2, 0.75, 20) AS s;
CREATE OR REPLACE FUNCTION impl.bm25_scores(
    docs bigint[],
    words text[],
    weights float8[],
    k1 float8,
    b float8,
    avg_length float8,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL)
RETURNS TABLE (item_id bigint, score float8)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT d.item_id, s.score
    FROM unnest(docs) AS t(doc)
    JOIN core.lexdoc AS d ON d.id = t.doc
    -- Decompressed once per document, not once per term.
    CROSS JOIN LATERAL (SELECT array_cat(d.lexemes, NULL) AS lexemes,
                               array_cat(d.tfs, NULL) AS tfs OFFSET 0) AS w
    CROSS JOIN LATERAL (
        SELECT sum(f.weight * f.tf * (k1 + 1)
                   / (f.tf + k1 * (1 - b) + k1 * b / avg_length * d.length)) AS score
        FROM (
            -- Few terms: a binary search in the sorted lexemes. It walks along a third of them on the way, so
            -- many terms are rather met by walking once.
            SELECT q.weight, CASE WHEN w.lexemes[width_bucket(q.lexeme, w.lexemes)] = q.lexeme
                                  THEN w.tfs[width_bucket(q.lexeme, w.lexemes)] END::float8 AS tf
            FROM unnest(words, weights) AS q(lexeme, weight) WHERE cardinality(words) <= impl.few_terms()
            UNION ALL
            SELECT q.weight, l.tf FROM unnest(w.lexemes, w.tfs) AS l(lexeme, tf)
            JOIN unnest(words, weights) AS q(lexeme, weight) ON q.lexeme = l.lexeme
            WHERE cardinality(words) > impl.few_terms()
        ) AS f
    ) AS s
    WHERE s.score IS NOT NULL
      AND (contains IS NULL AND path IS NULL OR EXISTS (
          SELECT FROM core.item AS i WHERE i.id = d.item_id
          AND impl.fits(i.metadata, contains, path)))
$$;

COMMENT ON FUNCTION impl.bm25_scores(bigint[], text[], float8[], float8, float8, float8, jsonb, jsonpath) IS
    'BM25 of live documents that pass the filter and have a term of the query.';
