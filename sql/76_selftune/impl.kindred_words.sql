-- Pairs of words of a collection that are said of the same things in different items: the mean vectors of
-- the items that have each are near, and hardly an item has both. Means are taken less the mean of all, or
-- every word would be near to every other. Of the items drawn, words in at least `least_n` of them and in
-- no more than a hundredth are looked at, and of these the `words_n` whose items are most alike: a word of
-- every topic is near to nothing in particular. Words that the analyzer takes for one (pump, pumps) and
-- words with digits are left out. score: cosine, higher is better; ties by the words.
-- Curran: From Distributional to Semantic Similarity, 2004 (words by the contexts that they share).
--   SELECT * FROM impl.kindred_words('parts', 10);
CREATE OR REPLACE FUNCTION impl.kindred_words(
    collection text,
    k int DEFAULT 400,
    near float8 DEFAULT 0.35,
    items_n int DEFAULT 5000,
    words_n int DEFAULT 800,
    least_n int DEFAULT 5)
RETURNS TABLE (words text[], score float8, items int[], both_n int)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH of AS MATERIALIZED (
        SELECT (impl.named_index(impl.named_collection(kindred_words.collection))).*
    ),
    space AS MATERIALIZED (
        SELECT s FROM of JOIN core.collection AS c ON c.id = of.collection_id
        JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status = 'live' AND s.modality <> 'image'
            AND s.kind <> 'sparse'
        ORDER BY s.modality = 'text' DESC, s.name LIMIT 1
    ),
    placed AS MATERIALIZED (
        SELECT p.id, p.words, p.vec FROM of CROSS JOIN space
        CROSS JOIN LATERAL impl.worded_items(of.collection_id, space.s, impl.sampled_ids(
            of.collection_id, kindred_words.items_n, 7)) AS p
    ),
    middle AS MATERIALIZED (SELECT pgvector.avg(p.vec) AS vec, count(*) AS n FROM placed AS p),
    told AS MATERIALIZED (
        SELECT w.word, array_agg(p.id) AS ids, count(*) AS n,
               pgvector.avg(pgvector.l2_normalize(p.vec OPERATOR(pgvector.-) (SELECT m.vec FROM middle AS m)))
                   AS vec
        FROM placed AS p CROSS JOIN LATERAL unnest(p.words) AS w(word)
        GROUP BY w.word
        HAVING count(*) BETWEEN greatest(kindred_words.least_n, 2)
               AND greatest(4 * kindred_words.least_n, (SELECT m.n FROM middle AS m) / 100)
    ),
    word AS MATERIALIZED (
        -- The mean of n unit vectors has the length squared 1/n + (1 - 1/n) * mean cosine of two of them.
        SELECT t.word, t.ids, pgvector.l2_normalize(t.vec) AS vec,
               search.analyze(of.analyzer, t.word) AS lexemes
        FROM told AS t CROSS JOIN of
        WHERE pgvector.vector_norm(t.vec) > 0
        ORDER BY (pgvector.vector_norm(t.vec) ^ 2 * t.n - 1) / (t.n - 1) DESC, t.word COLLATE "C"
        LIMIT kindred_words.words_n
    ),
    pair AS MATERIALIZED (
        SELECT a.word AS one, b.word AS other, a.ids AS one_ids, b.ids AS other_ids,
               -(a.vec OPERATOR(pgvector.<#>) b.vec) AS score
        FROM word AS a JOIN word AS b ON a.word COLLATE "C" < b.word COLLATE "C"
        WHERE a.lexemes <> b.lexemes AND a.vec OPERATOR(pgvector.<#>) b.vec < -kindred_words.near
    )
    SELECT ARRAY[p.one, p.other], p.score, ARRAY[cardinality(p.one_ids), cardinality(p.other_ids)], o.n
    FROM pair AS p
    CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM unnest(p.one_ids) AS i(id)
                        WHERE i.id = ANY (p.other_ids)) AS o
    WHERE o.n * 5 <= least(cardinality(p.one_ids), cardinality(p.other_ids))
    ORDER BY p.score DESC, p.one COLLATE "C", p.other COLLATE "C"
    LIMIT impl.at_least('k', kindred_words.k, 0)
$$;

COMMENT ON FUNCTION impl.kindred_words(text, int, float8, int, int, int) IS
    'Pairs of words whose items are near to each other by vectors and hardly ever the same.';
