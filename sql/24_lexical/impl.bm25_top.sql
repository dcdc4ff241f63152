-- The engine of search.lexical and of lexical legs: the k best items by exact BM25F, as arrays in the order
-- of the answer, with the index and the terms of the query that occur in it. The answer is that of scoring
-- every document.
--
-- A small filtered set is scored from its forward rows. Otherwise each document is of one of three kinds:
--   fresh     in no chunk yet: scored from its postings (impl.bm25_fresh)
--   rare      has a term without vectors, so there are few: scored from its forward row
--   chunked   all others: the best of them are found by adding up vectors (impl.bm25_chunked)
-- Grouped by hashing (impl.bm25_fresh), whatever the planner thinks of a table that is not analysed yet:
-- sorting by document would add up the terms in any order, with other last bits.
--   SELECT * FROM impl.bm25_top('parts', '진공 펌프', 5, '{"in_stock": true}');
CREATE OR REPLACE FUNCTION impl.bm25_top(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT index_id int,
    OUT words text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET plan_cache_mode = 'force_generic_plan'
SET enable_hashagg = on SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
    filtered_n CONSTANT int := 2000;  -- matching items up to which each is scored
    passing_least CONSTANT float8 := 0.2;  -- share of items that pass a filter, as long as nothing is known
    probe_least CONSTANT int := 64;  -- fresh documents looked up first
    x core.lexical_index := impl.live_index(collection);
    f record := impl.parse_filter(impl.dated(x.collection_id, filter));
    chunked CONSTANT boolean := EXISTS (SELECT FROM core.lexical_chunk AS c WHERE c.index_id = x.id);
    n_docs bigint;
    avg_length float8;
    q record;
    docs bigint[];
    allowed bigint[];
    selective boolean := false;
    passing float8 := 1;
BEGIN
    PERFORM impl.at_least('k', k, 0);
    index_id := x.id;
    SELECT c.n_docs, c.avg_length INTO n_docs, avg_length FROM impl.corpus_size(x.id) AS c;
    q := impl.query_terms(x, query, n_docs, chunked);
    words := q.words;
    docs := q.docs;
    IF words IS NULL OR k < 1 THEN
        RETURN;
    END IF;
    IF f.contains IS NOT NULL OR f.path IS NOT NULL THEN
        allowed := impl.matching_items(x.collection_id, f.contains, f.path, filtered_n + 1);
        passing := greatest(cardinality(allowed)::float8 / n_docs, passing_least);
        selective := cardinality(allowed) <= filtered_n;
    END IF;
    IF selective THEN
        SELECT array_agg(d.id) INTO docs FROM core.document AS d
        WHERE d.item_id = ANY (allowed) AND d.index_id = x.id;
    END IF;
    SELECT coalesce(array_agg(b.item_id ORDER BY b.score DESC, b.item_id), '{}'),
           coalesce(array_agg(b.score ORDER BY b.score DESC, b.item_id), '{}') INTO ids, scores
    FROM (
        SELECT s.item_id, s.score
        FROM impl.bm25_scores(docs, words, q.weights, x.k1, x.b, avg_length, f.contains, f.path) AS s
        UNION
        SELECT r.item_id, r.score
        FROM (SELECT array_agg(s.doc) AS docs, array_agg(s.score) AS scores,
                     (greatest(k, probe_least) / passing)::bigint AS probe_n
              FROM impl.bm25_fresh(x.id, q.keys, q.key_weights, x.k1, x.b, avg_length) AS s
              WHERE NOT selective) AS p
        CROSS JOIN LATERAL (
            SELECT e.* FROM impl.bm25_read(p.docs, p.scores, k, p.probe_n, f.contains, f.path) AS e
            WHERE NOT q.parted
            UNION ALL
            SELECT e.* FROM impl.bm25_bounded(p.docs, p.scores, k, p.probe_n, words, q.weights, x.k1, x.b,
                                              avg_length, f.contains, f.path) AS e WHERE q.parted
        ) AS r
        ORDER BY score DESC, item_id LIMIT k
    ) AS b;
    IF chunked AND NOT selective THEN
        SELECT b.ids, b.scores INTO ids, scores
        FROM impl.bm25_chunked(x, words, q.weights, q.keys, q.drifts, avg_length, ids, scores, k,
                               (CASE WHEN avg_length > 400 THEN 1.05 ELSE 1.5 END * k + 5) / passing,
                               f.contains, f.path) AS b;
    END IF;
END $$;

COMMENT ON FUNCTION impl.bm25_top(text, text, int, text) IS
    'Best items of a collection by exact BM25F, as arrays: the engine of search.lexical.';
