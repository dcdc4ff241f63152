-- Best k items of the documents in chunks, and of those given (best_ids, best_scores, best first). Sums of
-- weights choose documents (impl.chunk_candidates), which are then scored in full, from their forward rows.
-- The answer is complete when the k-th score is no less than what a document below the threshold can have;
-- else the threshold is lowered. Sums are rounded to 32 bits, and their weights are of the day when a chunk
-- was built: they only choose. Keys and their drifts: impl.query_terms. `wanted` is how many documents to
-- begin with. A word that nearly all documents have weighs next to nothing, but its weight may have changed
-- by half (on a shard by what the others have), and in the sums all words count for as much more. So where
-- many are left to score, they are chosen anew with exact factors.
--   SELECT b.* FROM impl.live_index('parts') AS x, impl.bm25_chunked(x, ARRAY['pump'], ARRAY[1.5],
--       ARRAY['pump'], ARRAY[1.0], 20, '{}', '{}', 10, 15) AS b;
CREATE OR REPLACE FUNCTION impl.bm25_chunked(
    x core.lexical_index,
    words text[],
    weights float8[],
    keys text[],
    drifts float8[],
    avg_length float8,
    best_ids bigint[],
    best_scores float8[],
    k int,
    wanted float8,
    contains jsonb DEFAULT NULL,
    path jsonpath DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_variable
DECLARE
    -- A long text costs as much as counting once more, so no more are scored than must be.
    slack CONSTANT float8 := CASE WHEN avg_length > 400 THEN 1.2 ELSE 3 END;
    many CONSTANT int := 20 * k;  -- to score them takes longer than to choose anew
    rounding CONSTANT float8 := 1 + 1e-5 + 1e-6 * cardinality(keys);
    margin float8 := (SELECT max(d) FROM unnest(drifts) AS d)
                     * impl.chunk_margin(x, avg_length) * rounding;
    before float8;
    found record;
BEGIN
    ids := best_ids;
    scores := best_scores;
    WHILE margin IS NOT NULL AND before IS DISTINCT FROM 0 LOOP
        IF cardinality(ids) < k THEN
            found := impl.chunk_candidates(x.id, keys, drifts, wanted, 0, before, slack);
            wanted := 4 * wanted;
        ELSIF before IS NULL OR scores[k] / margin < before THEN
            -- Nothing below the k-th score can matter; after the first round, all above it are asked for.
            found := impl.chunk_candidates(x.id, keys, drifts,
                                           CASE WHEN before IS NULL THEN wanted ELSE 1e9 END,
                                           scores[k] / margin, before, slack);
            IF before IS NOT NULL AND cardinality(found.docs) > many THEN
                found := impl.chunk_candidates(x.id, keys, drifts, 1e9, scores[k] / margin, NULL, slack,
                                               0.99);
                margin := NULL;  -- those are all that can matter
            END IF;
        ELSE
            EXIT;
        END IF;
        EXIT WHEN found.threshold IS NULL;
        before := found.threshold;
        SELECT coalesce(array_agg(b.item_id ORDER BY b.score DESC, b.item_id), '{}'),
               array_agg(b.score ORDER BY b.score DESC, b.item_id) INTO ids, scores
        FROM (
            SELECT u.item_id, u.score FROM unnest(ids, scores) AS u(item_id, score)
            UNION
            SELECT s.item_id, s.score FROM impl.bm25_scores(found.docs, words, weights, x.k1, x.b, avg_length,
                                                            contains, path) AS s
            ORDER BY score DESC, item_id LIMIT k
        ) AS b;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.bm25_chunked(core.lexical_index, text[], float8[], text[], float8[], float8,
                                      bigint[], float8[], int, float8, jsonb, jsonpath) IS
    'Best items of the documents in chunks and of those given.';
