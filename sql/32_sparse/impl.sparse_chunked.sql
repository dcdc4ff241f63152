-- Best k items of the rows in chunks of a space of kind sparse, and of those given (best_*, best first), as
-- impl.bm25_chunked does with words: the vectors of the query's tokens, times their weights, are added up
-- (impl.chunk_candidates); sums only choose, and what they chose is scored in full by `statement`
-- (impl.sparse_statement). The answer is complete when the k-th score is no less than the bound of what was
-- not chosen (impl.sparse_terms); else the threshold is lowered. passing: the share of rows that a filter
-- lets pass, about.
--   SELECT * FROM impl.sparse_chunked(impl.live_space('sparse'), '[0,7,1]',
--       impl.sparse_statement(1, 'docs', false), 10);
CREATE OR REPLACE FUNCTION impl.sparse_chunked(
    live ops.space,
    query_vec pgvector.halfvec,
    statement text,
    k int,
    best_ids bigint[] DEFAULT '{}',
    best_scores float8[] DEFAULT '{}',
    best_sources text[] DEFAULT '{}',
    best_parts int[] DEFAULT '{}',
    passing float8 DEFAULT 1,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    cid int DEFAULT NULL,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    slack CONSTANT float8 := 2;
    bits CONSTANT int := 4;  -- to which weights of tokens, in parts of the highest, are rounded up
    asked CONSTANT record := impl.unpacked(query_vec);
    vec CONSTANT pgvector.sparsevec := impl.weights_vector(asked.ids, asked.weights, live.dim);
    terms record := impl.sparse_terms(live.id, asked.ids, asked.weights, true);
    wanted float8 := (4.0 * k + 80 + cardinality(excluded)) / passing;
    floor_sum float8;
    before float8;
    found record;
    part record;
    rounds int := 0;
    scored bigint := 0;
BEGIN
    ids := best_ids;
    scores := best_scores;
    sources := best_sources;
    parts := best_parts;
    WHILE terms.tokens IS NOT NULL LOOP
        floor_sum := CASE WHEN cardinality(ids) >= k THEN greatest((scores[k] - terms.tail) / terms.margin, 0)
                          ELSE 0 END;
        EXIT WHEN before IS NOT NULL AND floor_sum >= before AND (floor_sum > 0 OR terms.tail = 0);
        IF before = 0 OR terms.tail > 0 AND before IS NOT NULL AND floor_sum = 0 THEN
            EXIT WHEN terms.tail = 0;
            -- What has only tokens that were left out may be among the best.
            terms := impl.sparse_terms(live.id, asked.ids, asked.weights, false);
            before := NULL;
            CONTINUE;
        END IF;
        found := impl.chunk_candidates(
            -live.id, terms.tokens, terms.weights,
            CASE WHEN before IS NOT NULL AND cardinality(ids) >= k THEN 1e9 ELSE wanted END,
            floor_sum, before, slack, 1, bits, 2);
        before := coalesce(found.threshold, 0);
        wanted := slack * wanted;
        rounds := rounds + 1;
        scored := scored + coalesce(cardinality(found.docs), 0);
        EXECUTE statement INTO part
            USING vec, k, only_source, found.docs, excluded, cid, contains, path;
        SELECT b.ids, b.scores, b.sources, b.parts INTO ids, scores, sources, parts
        FROM impl.best_of(ids || part.ids, scores || part.scores, sources || part.sources,
                          parts || part.parts, k) AS b;
    END LOOP;
    detail := jsonb_build_object('added_up', coalesce(cardinality(terms.tokens), 0), 'rounds', rounds,
                                 'scored', scored);
END $$;

COMMENT ON FUNCTION impl.sparse_chunked(ops.space, pgvector.halfvec, text, int, bigint[], float8[], text[],
                                        int[], float8, text, bigint[], int, jsonb, jsonpath) IS
    'Best items of the rows in chunks of a space of kind sparse, and of those given.';
