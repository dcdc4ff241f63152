-- Documents in chunks whose sum of weights is above a threshold: `wanted` to `slack` times as many, or all
-- above floor_sum, if these are no more; all with any of the words (threshold 0), where they are fewer.
-- ceiling_sum: those above it are known and left out. A score is at most max(drifts) * sum, in which a vector
-- counts by its factor, its drift (impl.bm25_terms) in parts of the highest: 1 from `whole` on (.8; .99 where
-- chunks are small: texts are long then, and scoring costs more), else rounded up to `bits` binary places.
-- places: how many documents share one in the vectors (sums are then bounds). All in one statement, since
-- copies of the sums cost as much as adding up:
--   sums    a vector per chunk: postings of all words, added up by place (planes; impl.joined_planes)
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
    whole float8 DEFAULT NULL,
    bits int DEFAULT 7,
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
    dims int;
    margin CONSTANT float8 := (SELECT max(d) FROM unnest(drifts) AS d);
BEGIN
    SELECT 1000 * (((max(c.doc_n) - 1) / chunk_candidates.places + 1000) / 1000) INTO dims
    FROM core.lexical_chunk AS c WHERE c.index_id = chunk_candidates.index_id;
    whole := coalesce(whole, CASE WHEN dims <= 2000 THEN 0.99 ELSE 0.8 END);
    WITH RECURSIVE word AS MATERIALIZED (
        SELECT w.lexeme, CASE WHEN w.scale >= whole THEN 128
                              ELSE greatest(ceil(w.scale * 2 ^ bits), 1)::int << (7 - bits) END AS factor
        FROM (SELECT u.lexeme COLLATE "C" AS lexeme, u.drift / margin AS scale
              FROM unnest(words, drifts) AS u(lexeme, drift) WHERE u.drift IS NOT NULL OFFSET 0) AS w
    ),
    unit AS MATERIALIZED (
        SELECT 128.0::float8 / (f.joint & -f.joint) AS n, log(2, 128 / (f.joint & -f.joint))::int AS steps
        FROM (SELECT bit_or(w.factor) AS joint FROM word AS w) AS f
    ),
    sums AS MATERIALIZED (
        SELECT p.no, u.n * p.high AS high,
               impl.joined_planes(u.steps, p.v7, p.v6, p.v5, p.v4, p.v3, p.v2, p.v1, p.v0) AS total
        FROM (
            SELECT t.no, sum(t.top * t.factor / 128.0) AS high,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 128 > 0) AS v7,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 64 > 0) AS v6,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 32 > 0) AS v5,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 16 > 0) AS v4,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 8 > 0) AS v3,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 4 > 0) AS v2,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 2 > 0) AS v1,
                   pgvector.sum(t.v) FILTER (WHERE t.factor & 1 > 0) AS v0
            FROM (SELECT t.no, t.top, w.factor, t.v::pgvector.vector AS v
                  FROM word AS w JOIN core.lexical_vector AS t
                      ON t.index_id = chunk_candidates.index_id AND t.lexeme = w.lexeme OFFSET 0) AS t
            GROUP BY t.no OFFSET 0
        ) AS p CROSS JOIN unit AS u
    ),
    try AS (
        SELECT 0 AS at, false AS done, NULL::float8 AS threshold, u.n * floor_sum AS low,
               coalesce(u.n * ceiling_sum, s.high) AS high, s.n AS low_n, 0.5::float8 AS high_n,
               CASE WHEN floor_sum > 0 THEN 0
                    ELSE 1 - ln(sqrt(slack) * wanted) / ln(greatest(s.n, 3 * wanted)) END AS share
        FROM (SELECT max(high) AS high, sum(pgvector.vector_dims(total)) / 4.0::float8 AS n FROM sums) AS s
        CROSS JOIN unit AS u WHERE s.n > 0
        UNION ALL
        SELECT s.at + 1, s.found BETWEEN wanted AND slack * wanted OR s.few AND s.threshold <= s.least,
               s.threshold, b.low, b.high, b.low_n, b.high_n,
               greatest(0.05, least(0.95, ln(b.low_n / (sqrt(slack) * wanted))
                                          / nullif(ln(b.low_n / b.high_n), 0)))
        FROM (
            SELECT t.*, h.threshold, f.found, f.found < wanted AS few, u.n * floor_sum AS least
            FROM (SELECT at, done, low, high, low_n, high_n, share FROM try) AS t
            CROSS JOIN unit AS u
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
    -- Where the sums lie close together (equal documents), or are too few: the last one that was enough.
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
                                  THEN impl.constant_vector(u.n * ceiling_sum, dims) END AS before
                      FROM chosen AS t CROSS JOIN unit AS u OFFSET 0) AS c
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
    SELECT c.threshold / u.n, (
        SELECT array_agg(d.docs[g.at]) FILTER (WHERE d.docs[g.at] IS NOT NULL) FROM place AS p
        CROSS JOIN LATERAL (SELECT array_cat(k.docs, NULL) AS docs  -- read once per chunk
                            FROM core.lexical_chunk AS k
                            WHERE k.index_id = chunk_candidates.index_id AND k.no = p.no OFFSET 0) AS d
        CROSS JOIN LATERAL unnest(p.places) AS h(at)
        CROSS JOIN LATERAL generate_series((h.at - 1) * chunk_candidates.places + 1,
                                           h.at * chunk_candidates.places) AS g(at))
    INTO threshold, docs FROM chosen AS c CROSS JOIN unit AS u;
END $$;

COMMENT ON FUNCTION impl.chunk_candidates(int, text[], float8[], float8, float8, float8, float8, float8,
                                          int, int) IS
    'Documents in chunks whose sum of weights is above a threshold that is sought.';
