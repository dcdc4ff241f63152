-- Lists the posting blocks of query terms as parallel arrays, highest bound first. After the first m blocks,
-- ends[m] postings have been read, and unseen[m] is the upper bound for the score of a document in none of
-- them (the sum over the terms of their highest unread bound). Read from the covering index alone.
--   SELECT * FROM impl.bm25_blocks((impl.live_index('parts')).id, ARRAY['pump'], ARRAY[1.5], 1.2, 0.75, 20);
CREATE OR REPLACE FUNCTION impl.bm25_blocks(
    index_id int,
    words text[],
    weights float8[],
    k1 float8,
    b float8,
    avg_length float8,
    OUT ids bigint[],
    OUT terms int[],
    OUT bounds float8[],
    OUT ends bigint[],
    OUT unseen float8[])
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH block AS (
        SELECT p.id, p.n, t.term::int,
               t.weight * p.tf_max * (k1 + 1)
                   / (p.tf_max + k1 * (1 - b + b * p.length_min / avg_length)) AS bound
        FROM unnest(words, weights) WITH ORDINALITY AS t(lexeme, weight, term)
        JOIN core.posting_block AS p ON p.index_id = bm25_blocks.index_id AND p.lexeme = t.lexeme COLLATE "C"
        WHERE p.n > 0
    ),
    chained AS (
        SELECT *, lead(bound, 1, 0) OVER (PARTITION BY term ORDER BY bound DESC, id) AS next FROM block
    ),
    ranked AS (
        SELECT id, term, bound, sum(n) OVER taken AS ends,
               (SELECT sum(m.bound) FROM (SELECT max(bound) AS bound FROM block GROUP BY term) AS m)
               - sum(bound - next) OVER taken AS unseen
        FROM chained WINDOW taken AS (ORDER BY bound DESC, id ROWS UNBOUNDED PRECEDING)
    )
    SELECT array_agg(id), array_agg(term), array_agg(bound), array_agg(ends), array_agg(unseen)
    FROM (SELECT * FROM ranked ORDER BY bound DESC, id) AS r
$$;

COMMENT ON FUNCTION impl.bm25_blocks(int, text[], float8[], float8, float8, float8) IS
    'Posting blocks of a query in order of their score bounds, with running totals.';
