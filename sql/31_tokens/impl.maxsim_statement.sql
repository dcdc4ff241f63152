-- Builds the statement of impl.maxsim for a space and a number of query tokens.
-- One aggregate per query token over the rows of the stored tokens: a pair costs some 30 ns. Measured for 100
-- items of 60 tokens, 24 query tokens, 128 dimensions (bench/multi.py): this form 6 ms, a LATERAL max() per
-- query token 10, products of concatenated vectors cut by subvector() 18 to 38, GROUP BY over pairs 24.
-- $1 vectors of the query's tokens (of a binary space: their signs), $2 items, $3 source
--   SELECT impl.maxsim_statement(impl.live_space('tokens'), 24);
CREATE OR REPLACE FUNCTION impl.maxsim_statement(live ops.space, tokens int)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    -- The similarity of unit vectors is their inner product, which <#> negates; that of signs is the share
    -- of dimensions in which they agree less that in which they do not.
    SELECT format(
        'SELECT array_agg(b.item_id ORDER BY b.score DESC, b.item_id),
                array_agg(b.score ORDER BY b.score DESC, b.item_id),
                array_agg(b.source ORDER BY b.score DESC, b.item_id),
                array_agg(b.part_no ORDER BY b.score DESC, b.item_id)
         FROM (SELECT DISTINCT ON (e.item_id) e.item_id, e.source, e.part_no, s.score
               FROM core.%I AS e
               CROSS JOIN LATERAL (SELECT %s AS score FROM unnest(e.%I) AS t(v)) AS s
               WHERE e.item_id = ANY ($2) AND ($3 IS NULL OR e.source = $3)
               ORDER BY e.item_id, s.score DESC, e.source, e.part_no) AS b',
        'embedding_' || (maxsim_statement.live).id,
        CASE WHEN (maxsim_statement.live).quantization = 'binary'
             THEN format('1 - 2 * (%s) / %s::float8', string_agg(
                 format('min(t.v OPERATOR(pgvector.<~>) ($1)[%s])', n), ' + ' ORDER BY n),
                 maxsim_statement.tokens * (maxsim_statement.live).dim)
             ELSE format('(%s) / -%s::float8', string_agg(
                 format('min(t.v OPERATOR(pgvector.<#>) ($1)[%s])', n), ' + ' ORDER BY n),
                 maxsim_statement.tokens) END,
        CASE WHEN (maxsim_statement.live).quantization = 'binary' THEN 'token_bits' ELSE 'tokens' END)
    FROM generate_series(1, maxsim_statement.tokens) AS n
$$;

COMMENT ON FUNCTION impl.maxsim_statement(ops.space, int) IS 'Statement that impl.maxsim executes.';
