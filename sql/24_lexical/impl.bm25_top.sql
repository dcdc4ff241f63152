-- The engine of search.lexical and of lexical legs: the k best items by exact BM25F, as arrays in the order
-- of the answer, with the index and the terms of the query that occur in it.
--
-- A small filtered set (some thousand items, as their length allows) is scored from its forward rows.
-- Otherwise:
--   1. Read a few posting blocks, those with the highest bounds; score the most promising documents in full,
--      from their forward rows. The k-th of these scores is the threshold.
--   2. Read on, in the order of the bounds, until a document not seen cannot reach the threshold any more.
--   3. Score in full every document seen that still can. Where these are so many that reading more postings
--      is cheaper, read more first: it lowers what they can reach. Once all are read, the sums are scores.
-- This is MaxScore (Turtle and Flood, 1995) over impact-ordered blocks (Anh and Moffat, 2002), with the
-- random access of the threshold algorithm (Fagin, 2001); the answer is that of scoring every document.
-- max_postings stops after step 1 and about so many postings: bounded work on common words, then approximate.
-- NULL, the default, is exact.
--   SELECT * FROM impl.bm25_top('parts', '진공 펌프', 5, '{"in_stock": true}');
CREATE OR REPLACE FUNCTION impl.bm25_top(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    max_postings int DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT index_id int,
    OUT words text[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    -- Costs are in postings read, as in impl.document_cost, and chosen with it.
    filtered_n CONSTANT int := 6000;  -- matching items up to which no postings are read,
    filtered_least CONSTANT int := 1500;  -- whatever they cost, and above up to this cost:
    filtered_cost CONSTANT float8 := 120000;
    probe_least CONSTANT int := 64;  -- documents scored to find the threshold
    probe_most CONSTANT int := 20000;
    first_postings CONSTANT int := 2000;
    round_cost CONSTANT float8 := 3000;
    rounding CONSTANT float8 := 1e-9;  -- more than sums in another order may differ
    x core.lexical_index := impl.live_index(collection);
    f record := impl.parse_filter(filter);
    n_docs bigint;
    avg_length float8;
    weights float8[];
    blocks record;
    block_n int;
    probe_n bigint := greatest(k, probe_least);
    allowed bigint[];
    matching bigint;
    docs bigint[];
    probe bigint[];
    reaches float8[];
    partials float8[];
    unread float8[];
    reached float8;
    taken int := 0;
    budget bigint;
    threshold float8 := 0;
    document_cost float8;
BEGIN
    PERFORM impl.at_least('k', k, 0), impl.at_least('max_postings', max_postings, 1);
    index_id := x.id;
    SELECT sum(s.n_docs), greatest(sum(s.sum_length) / nullif(sum(s.n_docs), 0), 1e-9) INTO n_docs, avg_length
    FROM core.segment AS s WHERE s.index_id = x.id;
    -- Sorted: every way to a score adds up in this order, and gives the same bits.
    SELECT array_agg(t.lexeme ORDER BY t.lexeme), array_agg(t.weight ORDER BY t.lexeme) INTO words, weights
    FROM impl.bm25_terms(x.id, search.analyze(x.analyzer, query), n_docs) AS t;
    IF words IS NULL OR k < 1 THEN
        RETURN;
    END IF;
    document_cost := impl.document_cost(cardinality(words), avg_length);
    IF f.contains IS NOT NULL OR f.path IS NOT NULL THEN
        allowed := impl.matching_items(x.collection_id, f.contains, f.path, filtered_n + 1);
        matching := cardinality(allowed);
        probe_n := least(probe_n * n_docs / greatest(matching, 1), probe_most);
    END IF;
    IF matching <= least(filtered_n, greatest(filtered_least, filtered_cost / document_cost)) THEN
        SELECT array_agg(d.id) INTO docs FROM core.lexdoc AS d
        WHERE d.item_id = ANY (allowed) AND d.index_id = x.id;
    ELSE
        blocks := impl.bm25_blocks(x.id, words, weights, x.k1, x.b, avg_length);
        block_n := cardinality(blocks.ids);
        -- All at once, where that is cheaper than scoring in full (a long query, long documents).
        budget := coalesce(max_postings,
                           CASE WHEN blocks.ends[block_n] < 2 * probe_n * document_cost + round_cost
                                THEN blocks.ends[block_n] ELSE first_postings END);
        LOOP
            -- width_bucket on a sorted array: how many blocks end within the budget.
            taken := least(greatest(taken, width_bucket(budget, blocks.ends) + 1), block_n);
            unread := impl.bm25_unread(blocks.terms, blocks.bounds, taken, cardinality(words));
            SELECT array_agg(c.doc), array_agg(c.partial), array_agg(c.reach) INTO docs, partials, reaches
            FROM impl.bm25_candidates(blocks.ids[: taken], blocks.terms[: taken], weights, unread,
                                      blocks.unseen[taken], x.k1, x.b, avg_length, threshold) AS c;
            IF taken = block_n THEN
                SELECT array_agg(r.item_id ORDER BY r.score DESC, r.item_id),
                       array_agg(r.score ORDER BY r.score DESC, r.item_id)
                INTO ids, scores FROM impl.bm25_read(docs, partials, k, probe_n, f.contains, f.path) AS r;
                RETURN;
            END IF;
            -- So few that looking for a better threshold would cost more than scoring them all.
            EXIT WHEN blocks.unseen[taken] < threshold - rounding AND cardinality(docs) <= 3 * probe_n;
            SELECT array_agg(p.doc) INTO probe FROM (
                SELECT c.doc FROM unnest(docs, partials) AS c(doc, partial)
                ORDER BY c.partial DESC LIMIT probe_n) AS p;
            IF max_postings IS NOT NULL THEN
                docs := probe;
                EXIT;
            END IF;
            SELECT min(p.score) INTO reached FROM (
                SELECT s.score
                FROM impl.bm25_scores(probe, words, weights, x.k1, x.b, avg_length, f.contains, f.path) AS s
                ORDER BY s.score DESC LIMIT k) AS p HAVING count(*) = k;
            threshold := greatest(threshold, reached);
            IF blocks.unseen[taken] < threshold - rounding THEN
                SELECT array_agg(c.doc) INTO docs FROM unnest(docs, reaches) AS c(doc, reach)
                WHERE c.reach >= threshold - rounding;
                -- Reading three times as many, or all, may be the cheaper way.
                budget := least(3 * blocks.ends[taken], blocks.ends[block_n]);
                EXIT WHEN cardinality(docs) * document_cost <= budget;
            ELSE
                SELECT min(u.at) INTO taken FROM unnest(blocks.unseen) WITH ORDINALITY AS u(unseen, at)
                WHERE u.unseen < threshold - rounding OR u.at = block_n;
                -- So little is left that all of it is cheaper than another round.
                IF blocks.ends[block_n] - blocks.ends[taken] <= probe_n * document_cost THEN
                    taken := block_n;
                END IF;
            END IF;
        END LOOP;
    END IF;
    SELECT array_agg(h.item_id ORDER BY h.score DESC, h.item_id),
           array_agg(h.score ORDER BY h.score DESC, h.item_id) INTO ids, scores
    FROM (
        SELECT s.item_id, s.score
        FROM impl.bm25_scores(docs, words, weights, x.k1, x.b, avg_length, f.contains, f.path) AS s
        ORDER BY s.score DESC, s.item_id LIMIT k
    ) AS h;
END $$;

COMMENT ON FUNCTION impl.bm25_top(text, text, int, text, int) IS
    'Best items of a collection by exact BM25F, as arrays: the engine of search.lexical.';
