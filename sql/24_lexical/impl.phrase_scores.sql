-- Best k of given documents by BM25F of words and prefixes: at most 64 words, the rarest, and per prefix the
-- 200 most frequent lexemes, which share one weight. Documents with none of these score 0. Scored from
-- forward rows or from postings, whichever costs less.
--   SELECT s.* FROM impl.phrase_scores(impl.live_index('parts'), ARRAY[1, 2], ARRAY['pump'], ARRAY['sea'],
--       10) AS s;
CREATE OR REPLACE FUNCTION impl.phrase_scores(
    x core.lexical_index,
    docs bigint[],
    words text[],
    beginnings text[],
    k int,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL)
RETURNS TABLE (item_id bigint, score float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    n_docs bigint;
    avg_length float8;
    lexemes text[];
    weights float8[];
    blocks record;
    scores float8[];
BEGIN
    SELECT sum(s.n_docs), greatest(sum(s.sum_length) / nullif(sum(s.n_docs), 0), 1e-9) INTO n_docs, avg_length
    FROM core.segment AS s WHERE s.index_id = x.id;
    WITH begun AS (
        SELECT l.lexeme, least(l.together, n_docs) AS df
        FROM (SELECT DISTINCT b COLLATE "C" AS b FROM unnest(beginnings) AS b) AS p
        CROSS JOIN LATERAL (
            SELECT o.lexeme, sum(sum(o.n)) OVER () AS together FROM core.posting_block AS o
            WHERE o.index_id = x.id AND o.lexeme >= p.b AND o.lexeme <= p.b || chr(1114111)
            GROUP BY o.lexeme HAVING sum(o.n) > 0 ORDER BY sum(o.n) DESC, o.lexeme LIMIT 200
        ) AS l
    ),
    weighed AS (
        (SELECT t.lexeme, t.weight
         FROM impl.bm25_terms(x.id, ARRAY(SELECT DISTINCT unnest(words)), n_docs) AS t
         ORDER BY t.weight DESC, t.lexeme LIMIT 64)
        UNION ALL
        SELECT b.lexeme, ln(1 + (n_docs - b.df + 0.5) / (b.df + 0.5)) FROM begun AS b
    ),
    term AS (SELECT w.lexeme, max(w.weight) AS weight FROM weighed AS w GROUP BY w.lexeme)
    -- Sorted, as everywhere: equal documents have equal sums, bit by bit.
    SELECT array_agg(t.lexeme ORDER BY t.lexeme), array_agg(t.weight ORDER BY t.lexeme) INTO lexemes, weights
    FROM term AS t;
    blocks := impl.bm25_blocks(x.id, lexemes, weights, x.k1, x.b, avg_length);
    IF blocks.ends[cardinality(blocks.ends)]
       < cardinality(docs) * impl.document_cost(cardinality(lexemes), avg_length) THEN
        SELECT array_agg(u.doc), array_agg(coalesce(c.partial, 0)) INTO docs, scores
        FROM unnest(docs) AS u(doc)
        LEFT JOIN impl.bm25_candidates(blocks.ids, blocks.terms, weights,
                                       array_fill(0::float8, ARRAY[cardinality(lexemes)]), 0,
                                       x.k1, x.b, avg_length, 0) AS c ON c.doc = u.doc;
    ELSE
        SELECT array_agg(d.id), array_agg(coalesce(s.score, 0)) INTO docs, scores
        FROM core.lexdoc AS d
        LEFT JOIN impl.bm25_scores(docs, lexemes, weights, x.k1, x.b, avg_length) AS s
            ON s.item_id = d.item_id
        WHERE d.id = ANY (docs);
    END IF;
    RETURN QUERY SELECT r.item_id, r.score
        FROM impl.bm25_read(docs, scores, k, greatest(k, 64), contains, path) AS r;
END $$;

COMMENT ON FUNCTION impl.phrase_scores(core.lexical_index, bigint[], text[], text[], int, jsonb, jsonpath) IS
    'Best of given documents that pass a filter, by words and prefixes.';
