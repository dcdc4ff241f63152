-- Chunks of a space of kind sparse to build anew, with their rows: the largest that fits beside fresh_n
-- others (`most` fit into a chunk); without others one of which a quarter is dead, or the smallest, if
-- another fits beside it, and that one.
--   SELECT * FROM impl.worn_weights(1, 0, 32000);
CREATE OR REPLACE FUNCTION impl.worn_weights(
    space_id int,
    fresh_n int,
    most int,
    OUT nos int[],
    OUT docs bigint[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH chunk AS MATERIALIZED (
        SELECT c.no, l.n, l.n < 0.75 * c.doc_n AS worn
        FROM core.lexical_chunk AS c
        CROSS JOIN LATERAL (
            SELECT count(e.doc)::int AS n FROM unnest(c.docs) AS u(id)
            JOIN core.embedding AS e ON e.space_id = worn_weights.space_id AND e.doc = u.id) AS l
        WHERE c.index_id = -worn_weights.space_id
    ),
    first AS (
        SELECT c.* FROM chunk AS c WHERE fresh_n = 0 ORDER BY c.worn DESC, c.n, c.no LIMIT 1
    ),
    second AS (
        SELECT c.* FROM chunk AS c
        WHERE c.no NOT IN (SELECT f.no FROM first AS f)
          AND c.n + fresh_n + coalesce((SELECT f.n FROM first AS f), 0) <= most
        ORDER BY c.n DESC, c.no LIMIT 1
    ),
    chosen AS (
        SELECT f.no FROM first AS f WHERE f.worn OR EXISTS (SELECT FROM second)
        UNION ALL SELECT s.no FROM second AS s
    )
    SELECT coalesce(array_agg(c.no), '{}'),
           ARRAY(SELECT unnest(k.docs) FROM core.lexical_chunk AS k
                 WHERE k.index_id = -worn_weights.space_id AND k.no IN (SELECT o.no FROM chosen AS o))
    FROM chosen AS c
$$;

COMMENT ON FUNCTION impl.worn_weights(int, int, int) IS
    'Chunks of a space of kind sparse to build anew, and their rows.';
