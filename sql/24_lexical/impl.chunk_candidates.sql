-- Documents in chunks whose sum of weights is above a threshold: `wanted` to `slack` times as many, or all
-- above floor_sum, if these are no more; all with any of the words (threshold 0), where they are fewer.
-- ceiling_sum: those above it are known and left out. Where the drifts of terms (impl.bm25_terms) differ by
-- more than a fifth (a hundredth, where chunks are small: texts are long then, and scoring one costs more
-- than a product), the vectors of the smaller ones are multiplied, so that a score is at most
-- max(drifts) * sum. level < 1: the factors are the next power of it upwards, and vectors of one factor are
-- multiplied together, not each; places: how many documents share one in the vectors (sums are then bounds).
--
-- All in one statement, as each copy of the sums would cost as much as a tenth of adding them up:
--   sums    a vector per chunk: all postings of all words, added up by pgvector
--   try     counts the sums above a threshold, in one pass; the logarithm of the count is about linear in it
--   place   set bits, as numbers; bits become text for it, which is slow: stretches without one are left out
--   SELECT * FROM impl.chunk_candidates((impl.live_index('parts')).id, ARRAY['pump'], ARRAY[1.0], 20, 0);
CREATE OR REPLACE FUNCTION impl.chunk_candidates(
    index_id int,
    words text[],
    drifts float8[],
    wanted float8,
    floor_sum float8,
    ceiling_sum float8 DEFAULT NULL,
    slack float8 DEFAULT 3,
    level float8 DEFAULT 1,
    places int DEFAULT 1,
    OUT threshold float8,
    OUT docs bigint[])
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = 'force_generic_plan' SET work_mem = '64MB'
AS $$
#variable_conflict use_column
DECLARE
    tries_n CONSTANT int := 12;
    stretch_n CONSTANT int := 128;
    cheap_dims CONSTANT int := 2000;  -- of chunks whose texts cost more than products
    dims int;
    margin CONSTANT float8 := (SELECT max(d) FROM unnest(drifts) AS d);
BEGIN
    SELECT 1000 * (((max(c.doc_n) - 1) / chunk_candidates.places + 1000) / 1000) INTO dims
    FROM core.lexical_chunk AS c WHERE c.index_id = chunk_candidates.index_id;
    WITH RECURSIVE word AS MATERIALIZED (
        SELECT w.lexeme, CASE WHEN level < 1
                              THEN greatest(w.scale, level ^ floor(ln(w.scale) / ln(level)))
                              WHEN w.scale < CASE WHEN dims <= cheap_dims THEN 0.99 ELSE 0.8 END
                              THEN w.scale ELSE 1 END AS scale
        FROM (SELECT u.lexeme COLLATE "C" AS lexeme, u.drift / margin AS scale
              FROM unnest(words, drifts) AS u(lexeme, drift) WHERE u.drift IS NOT NULL OFFSET 0) AS w
    ),
    factor AS MATERIALIZED (
        SELECT w.scale, CASE WHEN w.scale < 1 THEN impl.constant_vector(w.scale, dims) END AS v
        FROM word AS w GROUP BY w.scale
    ),
    sums AS MATERIALIZED (
        SELECT p.no, sum(p.high) AS high,
               pgvector.sum(CASE WHEN f.v IS NULL THEN p.total
                                 ELSE p.total OPERATOR(pgvector.*) impl.like_dims(f.v, p.total) END) AS total
        FROM (
            SELECT t.no, w.scale, sum(t.top) AS high, pgvector.sum(t.v::pgvector.vector) AS total
            FROM word AS w JOIN core.lexical_vector AS t
                ON t.index_id = chunk_candidates.index_id AND t.lexeme = w.lexeme
            GROUP BY t.no, w.scale OFFSET 0
        ) AS p JOIN factor AS f USING (scale)
        GROUP BY p.no
    ),
    try AS (
        SELECT 0 AS at, false AS done, NULL::float8 AS threshold, floor_sum AS low,
               coalesce(ceiling_sum, s.high) AS high, s.n AS low_n, 0.5::float8 AS high_n,
               CASE WHEN floor_sum > 0 THEN 0
                    ELSE 1 - ln(sqrt(slack) * wanted) / ln(greatest(s.n, 3 * wanted)) END AS share
        FROM (SELECT max(high) AS high, sum(pgvector.vector_dims(total)) / 4.0::float8 AS n FROM sums) AS s
        WHERE s.n > 0
        UNION ALL
        SELECT s.at + 1, s.found BETWEEN wanted AND slack * wanted OR s.few AND s.threshold <= floor_sum,
               s.threshold, b.low, b.high, b.low_n, b.high_n,
               greatest(0.05, least(0.95, ln(b.low_n / (sqrt(slack) * wanted))
                                          / nullif(ln(b.low_n / b.high_n), 0)))
        FROM (
            SELECT t.*, h.threshold, f.found, f.found < wanted AS few
            FROM (SELECT at, done, low, high, low_n, high_n, share FROM try) AS t
            CROSS JOIN LATERAL (SELECT t.low + (t.high - t.low) * t.share AS threshold OFFSET 0) AS h
            CROSS JOIN LATERAL (
                SELECT sum(bit_count(impl.above(s.total, c.value)))::float8 AS found
                FROM (SELECT impl.constant_vector(h.threshold, dims) AS value OFFSET 0) AS c
                CROSS JOIN sums AS s
            ) AS f
            WHERE NOT t.done AND t.at < tries_n
        ) AS s
        CROSS JOIN LATERAL (
            SELECT CASE WHEN s.few THEN s.low ELSE s.threshold END AS low,
                   CASE WHEN s.few THEN s.threshold ELSE s.high END AS high,
                   CASE WHEN s.few THEN s.low_n ELSE s.found END AS low_n,
                   CASE WHEN s.few THEN greatest(s.found, 0.5) ELSE s.high_n END AS high_n
        ) AS b
    ),
    -- Where the sums lie close together (many equal documents), or are too few: the last one that was enough.
    chosen AS MATERIALIZED (
        SELECT CASE WHEN t.done THEN t.threshold ELSE t.low END AS threshold FROM try AS t
        ORDER BY t.at DESC LIMIT 1
    ),
    place AS (
        SELECT p.no, array_agg(p.begins + o.at) AS places
        FROM (
            SELECT u.no, s.begins, substring(u.bits FROM s.begins + 1 FOR stretch_n) AS bits
            FROM (
                SELECT s.no, CASE WHEN ceiling_sum IS NULL THEN impl.above(s.total, c.now)
                                  ELSE impl.above(s.total, c.now) # impl.above(s.total, c.before) END AS bits
                FROM (SELECT impl.constant_vector(t.threshold, dims) AS now,
                             CASE WHEN ceiling_sum IS NOT NULL
                                  THEN impl.constant_vector(ceiling_sum, dims) END AS before
                      FROM chosen AS t OFFSET 0) AS c
                CROSS JOIN sums AS s OFFSET 0
            ) AS u
            CROSS JOIN LATERAL generate_series(0, length(u.bits) - 1, stretch_n) AS s(begins)
            WHERE bit_count(u.bits) > 0 OFFSET 0
        ) AS p
        CROSS JOIN LATERAL (
            SELECT (sum(length(t.gap) + 1) OVER (ORDER BY t.no))::int AS at
            FROM string_to_table(p.bits::text, '1') WITH ORDINALITY AS t(gap, no)
            ORDER BY t.no LIMIT bit_count(p.bits)
        ) AS o
        WHERE bit_count(p.bits) > 0
        GROUP BY p.no
    )
    SELECT c.threshold, (
        SELECT array_agg(d.docs[g.at]) FILTER (WHERE d.docs[g.at] IS NOT NULL) FROM place AS p
        -- Read once per chunk, not once per document.
        CROSS JOIN LATERAL (SELECT array_cat(k.docs, NULL) AS docs FROM core.lexical_chunk AS k
                            WHERE k.index_id = chunk_candidates.index_id AND k.no = p.no OFFSET 0) AS d
        CROSS JOIN LATERAL unnest(p.places) AS h(at)
        CROSS JOIN LATERAL generate_series((h.at - 1) * chunk_candidates.places + 1,
                                           h.at * chunk_candidates.places) AS g(at))
    INTO threshold, docs FROM chosen AS c;
END $$;

COMMENT ON FUNCTION impl.chunk_candidates(int, text[], float8[], float8, float8, float8, float8, float8,
                                          int) IS
    'Documents in chunks whose sum of weights is above a threshold that is sought.';
