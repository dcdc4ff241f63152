-- Terms that a query asks with, for scoring sentences: each part of a term (impl.term_parts: the words typed,
-- or a synonym) as a needle in tokens between spaces, and its share of the weight of the whole query, so that
-- a text with all terms has 1. The weight is the idf of BM25; a word that the collection does not know weighs
-- as much as the rarest, and is found in nothing.
--   SELECT * FROM impl.asked_terms(impl.live_index('parts'), '진공 펌프의 소음');
CREATE OR REPLACE FUNCTION impl.asked_terms(x core.lexical_index, query text)
RETURNS TABLE (term_no int, needle text, share float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most_n CONSTANT int := 64;
    chunked CONSTANT boolean := EXISTS (SELECT FROM core.lexical_chunk AS c WHERE c.index_id = x.id);
    typed CONSTANT text[] := ARRAY(SELECT DISTINCT u.token
                                   FROM unnest(search.analyze(x.analyzer, query)) AS u(token));
    n_docs CONSTANT bigint := coalesce((impl.outside('n_docs'))::bigint, (
        SELECT coalesce(sum(b.n_docs), 0) FROM core.batch AS b WHERE b.index_id = x.id));
BEGIN
    RETURN QUERY
    WITH known AS (
        SELECT w.word, w.weight
        FROM impl.query_terms(x, query, n_docs, chunked) AS t
        CROSS JOIN LATERAL unnest(t.words, t.weights) AS w(word, weight)
        ORDER BY w.weight DESC, w.word LIMIT most_n
    ),
    part AS (
        SELECT k.word, k.weight, p.tokens, p.weight AS of_one
        FROM known AS k CROSS JOIN LATERAL impl.term_parts(k.word) AS p
    ),
    -- Words of which no document has one.
    unknown AS (
        SELECT count(*) * ln(1 + (n_docs + 0.5) / 0.5) AS weight FROM unnest(typed) AS u(token)
        WHERE u.token <> ALL (ARRAY(SELECT p.tokens FROM part AS p))
    )
    SELECT dense_rank() OVER (ORDER BY p.word)::int,
           CASE WHEN p.tokens LIKE '%*' THEN ' ' || rtrim(p.tokens, '*')
                ELSE concat(' ', replace(p.tokens, '  ', ' '), ' ') END,
           p.weight * p.of_one / ((SELECT sum(k.weight) FROM known AS k) + u.weight)
    FROM part AS p CROSS JOIN unknown AS u;
END $$;

COMMENT ON FUNCTION impl.asked_terms(core.lexical_index, text) IS
    'Terms of a query with their shares of its weight, to score sentences by.';
