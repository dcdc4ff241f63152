-- Hard negatives of a query, for training: items that rank high and are no answer, among the first `depth` of
-- the lexical leg and, where a vector is given, of a vector space, by reciprocal ranks of both (higher is
-- better, ties by item_id). Left out are
--   the items known to answer (`positives`),
--   items more similar to the query than (1 - margin) times the least similar of these: they may answer too,
--   and items whose searchable texts equal one of these.
-- filter: what may be a negative, as of every search (impl.parse_filter), such as {"kind": "law"}.
-- Without a vector only the lexical leg is used and similarity is not checked.
--   SELECT * FROM eval.hard_negatives('parts', 'pump', NULL, NULL, '{1}');
CREATE OR REPLACE FUNCTION eval.hard_negatives(
    collection text,
    query text,
    space text,
    query_vec pgvector.halfvec,
    positives bigint[],
    n int DEFAULT 5,
    depth int DEFAULT 50,
    margin float8 DEFAULT 0.05,
    filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, lexical_rank int, vector_rank int, similarity float8)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    live ops.space;
BEGIN
    IF n < 1 OR depth < 1 OR margin NOT BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'cannot find % negatives among the first % with margin %', n, depth, margin
            USING ERRCODE = 'SG004', HINT = 'n and depth are at least 1, margin lies between 0 and 1.';
    END IF;
    IF query_vec IS NOT NULL THEN
        live := impl.live_space(hard_negatives.space);
        IF live.kind <> 'single' THEN
            RAISE EXCEPTION 'space % has no vector per text to compare', hard_negatives.space
                USING ERRCODE = 'SG004', HINT = 'Name a space of kind single (view search.spaces).';
        END IF;
    END IF;
    RETURN QUERY
    WITH lexical AS (
        SELECT l.item_id, l.rank
        FROM search.lexical(hard_negatives.collection, hard_negatives.query, depth, filter) AS l
    ),
    dense AS (
        SELECT d.item_id, d.rank
        FROM search.semantic(hard_negatives.space, query_vec, depth, filter, hard_negatives.collection) AS d
        WHERE query_vec IS NOT NULL
    ),
    seen AS MATERIALIZED (
        SELECT item_id, l.rank AS lexical_rank, d.rank AS vector_rank FROM lexical AS l FULL JOIN dense AS d
        USING (item_id)
    ),
    alike AS MATERIALIZED (
        SELECT e.item_id, max(1 - (e.vec::pgvector.halfvec OPERATOR(pgvector.<=>) query_vec)) AS similarity
        FROM (SELECT WHERE query_vec IS NOT NULL) AS compared
        CROSS JOIN LATERAL impl.item_vectors(
            live, ARRAY(SELECT s.item_id FROM seen AS s UNION SELECT unnest(positives))) AS e
        GROUP BY e.item_id
    ),
    item AS MATERIALIZED (
        SELECT i.id, i.fields FROM impl.item_rows(
            ARRAY(SELECT s.item_id FROM seen AS s UNION SELECT unnest(positives))) AS i
    ),
    bar AS (SELECT (1 - margin) * min(a.similarity) AS highest FROM alike AS a
            WHERE a.item_id = ANY (positives))
    SELECT s.item_id, (row_number() OVER (ORDER BY o.score DESC, s.item_id))::int, s.lexical_rank,
           s.vector_rank, a.similarity
    FROM seen AS s
    CROSS JOIN bar AS b
    LEFT JOIN alike AS a ON a.item_id = s.item_id
    JOIN item AS i ON i.id = s.item_id
    CROSS JOIN LATERAL (SELECT coalesce(1.0 / (60 + s.lexical_rank), 0)
                               + coalesce(1.0 / (60 + s.vector_rank), 0)) AS o(score)
    WHERE s.item_id <> ALL (positives)
      AND (a.similarity IS NULL OR b.highest IS NULL OR a.similarity <= b.highest)
      AND NOT EXISTS (SELECT FROM item AS p WHERE p.id = ANY (positives) AND p.fields = i.fields)
    ORDER BY o.score DESC, s.item_id
    LIMIT n;
END $$;

COMMENT ON FUNCTION eval.hard_negatives(text, text, text, pgvector.halfvec, bigint[], int, int, float8,
                                        text) IS
    'Hard negatives of a query by words and vectors; items nearly as similar as a known answer are left out.';
