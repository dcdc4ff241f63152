-- Documents that are in no chunk yet, with their BM25 score from all their postings; dead ones among them.
-- No SET: inlined into the calling statement.
--   SELECT s.* FROM impl.bm25_fresh((impl.live_index('parts')).id, ARRAY['pump'], ARRAY[1.5], 1.2, 0.75,
--       20) AS s;
CREATE OR REPLACE FUNCTION impl.bm25_fresh(
    index_id int,
    words text[],
    weights float8[],
    k1 float8,
    b float8,
    avg_length float8)
RETURNS TABLE (doc bigint, score float8)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
AS $$
    SELECT p.doc, sum(p.weight * p.tf * (k1 + 1)
                      / (p.tf + k1 * (1 - b) + k1 * b / avg_length * p.length))
    FROM (
        -- In the order of the terms, so that equal documents have equal sums, bit by bit; the callers see to
        -- it that they are grouped by hashing, which keeps it.
        -- Unnested side by side in the select list: twice as fast as unnest(a, b, c) in FROM.
        SELECT c.weight, unnest(c.docs) AS doc, unnest(c.tfs)::float8 AS tf,
               unnest(c.lengths)::float8 AS length
        FROM (
            SELECT q.weight, o.docs, o.tfs, o.lengths
            FROM unnest(words, weights) WITH ORDINALITY AS q(lexeme, weight, at)
            JOIN core.posting AS o ON o.index_id = bm25_fresh.index_id AND o.lexeme = q.lexeme COLLATE "C"
            WHERE o.docs <> '{}' ORDER BY q.at
        ) AS c
    ) AS p
    GROUP BY p.doc
$$;

COMMENT ON FUNCTION impl.bm25_fresh(int, text[], float8[], float8, float8, float8) IS
    'Documents that are in no chunk yet, with their BM25 score.';
