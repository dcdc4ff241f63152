-- Extractive answer: the sentences of given items that have most of a query, each with the passages it is in
-- (`cites`: passage_no of search.passages with the same arguments). At most two sentences from one item.
-- score: the share of the query's weight whose words the sentence has, in [0, 1], higher is better; one in
-- another language than `language` (ko, en) counts a fifth less, a label of less than 12 characters half.
-- Sentences below `min_score`, or below half of the best one, are left out: on the sample parts 0.2 still
-- answered two of six questions about other things, 0.25 none, 0.3 began to refuse good ones. Ties: the
-- earlier passage, then the text.
--   SELECT s.rank, s.sentence, s.cites FROM search.cited_sentences('parts', '진공 펌프의 소음',
--       ARRAY(SELECT item_id FROM search.hybrid('parts', '진공 펌프의 소음', k => 5)), language => 'ko') AS s;
CREATE OR REPLACE FUNCTION search.cited_sentences(
    collection text,
    query text,
    item_ids bigint[],
    n int DEFAULT 4,
    language text DEFAULT NULL,
    min_score float8 DEFAULT 0.25,
    each_n int DEFAULT 2,
    size_n int DEFAULT 600)
RETURNS TABLE (rank int, sentence text, cites int[], score float8)
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    WITH sentence AS (
        SELECT u.sentence, array_agg(DISTINCT p.passage_no) AS cites, min(p.item_id) AS item_id,
               max(u.score * CASE WHEN impl.language_of(u.sentence) <> cited_sentences.language THEN 0.8
                                  ELSE 1 END
                             * CASE WHEN length(u.sentence) < 12 THEN 0.5 ELSE 1 END) AS score
        FROM search.passages(cited_sentences.collection, cited_sentences.query, cited_sentences.item_ids,
                             cited_sentences.each_n, cited_sentences.size_n) AS p
        CROSS JOIN LATERAL unnest(p.sentences, p.scores) AS u(sentence, score)
        GROUP BY u.sentence
    ),
    placed AS (
        SELECT s.*, max(s.score) OVER () AS best_score,
               row_number() OVER (PARTITION BY s.item_id ORDER BY s.score DESC, s.cites, s.sentence) AS place
        FROM sentence AS s WHERE s.score >= cited_sentences.min_score
    )
    SELECT row_number() OVER (ORDER BY p.score DESC, p.cites, p.sentence)::int, p.sentence, p.cites, p.score
    FROM placed AS p WHERE p.place <= 2 AND p.score >= p.best_score / 2
    ORDER BY p.score DESC, p.cites, p.sentence LIMIT impl.at_least('n', cited_sentences.n, 0)
$$;

COMMENT ON FUNCTION search.cited_sentences(text, text, bigint[], int, text, float8, int, int) IS
    'Sentences of given items that have most of a query, each with the passages that it is cited by.';
