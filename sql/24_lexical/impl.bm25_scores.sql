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
    SELECT s.item_id, s.score
    FROM (
        SELECT d.item_id, CASE WHEN d.terms IS NOT NULL THEN (
            SELECT sum(f.weight * f.tf * (k1 + 1)
                       / (f.tf + k1 * (1 - b) + k1 * b / avg_length * d.length))
            FROM (
                SELECT q.weight, CASE WHEN impl.has_parts(q.lexeme) THEN impl.term_frequency(
                                          replace(d.tokens, ' ', '  '), d.weights, q.lexeme)
                                      ELSE (d.terms -> q.lexeme)::real END::float8 AS tf
                FROM unnest(words, bm25_scores.weights) AS q(lexeme, weight)
            ) AS f
            WHERE f.tf > 0
        ) WHEN d.weights IS NULL AND cardinality(words) <= impl.few_terms() THEN (
            SELECT sum(q.weight * f.tf * (k1 + 1)
                       / (f.tf + k1 * (1 - b) + k1 * b / avg_length * d.length))
            FROM (SELECT u.weight, u.lexeme,
                         CASE WHEN NOT impl.has_parts(u.lexeme) THEN impl.needle(u.lexeme) END AS needle
                  FROM unnest(words, bm25_scores.weights) AS u(lexeme, weight) OFFSET 0) AS q
            CROSS JOIN LATERAL (
                SELECT CASE WHEN q.needle IS NULL THEN impl.term_frequency(d.spaced, NULL, q.lexeme)
                            ELSE impl.occurrences(d.spaced, q.needle) END::float8 AS tf OFFSET 0) AS f
            WHERE f.tf > 0
        ) ELSE (
            SELECT sum(f.weight * f.tf * (k1 + 1)
                       / (f.tf + k1 * (1 - b) + k1 * b / avg_length * d.length) ORDER BY f.at)
            FROM (
                -- As impl.document_terms, but only of the words asked for.
                SELECT q.weight, q.at, (CASE WHEN d.weights IS NULL THEN count(*)
                                             ELSE sum(d.weights[l.line]) END)::real::float8 AS tf
                FROM string_to_table(d.tokens, E'\n') WITH ORDINALITY AS l(line_tokens, line)
                CROSS JOIN LATERAL string_to_table(btrim(l.line_tokens, ' '), ' ') AS t(lexeme)
                JOIN unnest(words, bm25_scores.weights) WITH ORDINALITY AS q(lexeme, weight, at)
                    ON q.lexeme = t.lexeme COLLATE "C"
                GROUP BY q.weight, q.at
                UNION ALL
                SELECT q.weight, q.at, impl.term_frequency(d.spaced, d.weights, q.lexeme)
                FROM unnest(words, bm25_scores.weights) WITH ORDINALITY AS q(lexeme, weight, at)
                WHERE impl.has_parts(q.lexeme)
            ) AS f
            WHERE f.tf > 0
        ) END AS score
        FROM (
            -- Two spaces between tokens: equal ones side by side do not share one then.
            SELECT o.item_id, o.length, o.weights, o.tokens,
                   CASE WHEN o.terms IS NULL THEN replace(o.tokens, ' ', '  ') END AS spaced,
                   o.terms || '{}' AS terms  -- decompressed once
            FROM unnest(docs) AS t(doc) JOIN core.document AS o ON o.id = t.doc
            WHERE contains IS NULL AND path IS NULL OR EXISTS (
                SELECT FROM core.item AS i WHERE i.id = o.item_id AND impl.fits(i.metadata, contains, path))
            OFFSET 0
        ) AS d
        OFFSET 0
    ) AS s
    WHERE s.score IS NOT NULL
$$;

COMMENT ON FUNCTION impl.bm25_scores(bigint[], text[], float8[], float8, float8, float8, jsonb, jsonpath) IS
    'BM25 of live documents that pass the filter and have a term of the query.';
