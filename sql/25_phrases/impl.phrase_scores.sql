-- Best k of given documents by BM25F of words and prefixes: at most 64 words, the rarest; a prefix is one
-- word, which occurs wherever a word begins so. Documents with none of these score 0.
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
    chunked CONSTANT boolean := EXISTS (SELECT FROM core.lexical_chunk AS c WHERE c.index_id = x.id);
    n_docs bigint;
    avg_length float8;
    lexemes text[];
    word_weights float8[];
BEGIN
    SELECT c.n_docs, c.avg_length INTO n_docs, avg_length FROM impl.corpus_size(x.id) AS c;
    WITH term AS (
        (SELECT t.lexeme, t.weight
         FROM impl.bm25_terms(x.id, ARRAY(SELECT DISTINCT unnest(words)), n_docs, chunked) AS t
         ORDER BY t.weight DESC, t.lexeme LIMIT 64)
        UNION ALL
        SELECT E'\x1f1 ' || p.beginning || '*', ln(1 + (n_docs - p.df + 0.5) / (p.df + 0.5))
        FROM (SELECT u.beginning, coalesce((impl.outside('df') ->> (u.beginning || '*'))::bigint,
                                           impl.prefix_frequency(x.id, u.beginning)) AS df
              FROM (SELECT DISTINCT unnest(beginnings) COLLATE "C" AS beginning) AS u) AS p
    )
    -- Sorted, as everywhere: equal documents have equal sums, bit by bit.
    SELECT array_agg(t.lexeme ORDER BY t.lexeme), array_agg(t.weight ORDER BY t.lexeme)
    INTO lexemes, word_weights FROM term AS t;
    RETURN QUERY
    SELECT d.item_id, coalesce(s.score, 0) AS score
    FROM unnest(docs) AS u(doc) JOIN core.document AS d ON d.id = u.doc
    LEFT JOIN impl.bm25_scores(docs, lexemes, word_weights, x.k1, x.b, avg_length, contains, path) AS s
        ON s.item_id = d.item_id
    WHERE s.item_id IS NOT NULL OR contains IS NULL AND path IS NULL OR EXISTS (
        SELECT FROM core.item AS i WHERE i.id = d.item_id AND impl.fits(i.metadata, contains, path))
    ORDER BY score DESC, d.item_id LIMIT k;
END $$;

COMMENT ON FUNCTION impl.phrase_scores(core.lexical_index, bigint[], text[], text[], int, jsonb, jsonpath) IS
    'Best of given documents that pass a filter, by words and prefixes.';
