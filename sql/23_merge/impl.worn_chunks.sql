-- Chunks to build anew, with their documents: the largest that fits beside doc_n other documents; and, when
-- `alone`, one that is worn (a quarter of its documents is dead, or its BM25 constants are not those of the
-- index any more, or texts have become longer by a quarter, which widens the margin) or the smallest, with
-- the largest that fits beside it. The smallest is left alone where none fits.
--   SELECT * FROM impl.worn_chunks(impl.live_index('parts'), 0, 0, 1, true);
CREATE OR REPLACE FUNCTION impl.worn_chunks(
    x core.lexical_index,
    doc_n bigint,
    tokens float8,
    size float8,
    alone boolean,
    OUT nos int[],
    OUT docs bigint[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH chunk AS MATERIALIZED (
        SELECT c.no, c.doc_n, l.doc_n AS live_n, l.tokens,
               l.doc_n < 0.75 * c.doc_n OR (c.k1, c.b) <> (x.k1, x.b)
               OR c.avg_length < 0.8 * t.avg_length AS worn
        FROM core.lexical_chunk AS c
        CROSS JOIN (SELECT sum(b.sum_length) / nullif(sum(b.n_docs), 0) AS avg_length
                    FROM core.batch AS b WHERE b.index_id = x.id) AS t
        CROSS JOIN LATERAL (
            SELECT count(d.id) AS doc_n, coalesce(sum(d.length::float8), 0) AS tokens
            FROM unnest(c.docs) AS u(id) JOIN core.document AS d ON d.id = u.id) AS l
        WHERE c.index_id = x.id
    ),
    first AS (
        SELECT c.* FROM chunk AS c WHERE alone ORDER BY c.worn IS TRUE DESC, c.live_n, c.no LIMIT 1
    ),
    second AS (
        SELECT c.* FROM chunk AS c
        WHERE c.no NOT IN (SELECT f.no FROM first AS f)
          AND NOT impl.fills_chunk(
              ((worn_chunks.doc_n + c.live_n + coalesce((SELECT f.live_n FROM first AS f), 0)) / size
               - 1)::bigint,
              (worn_chunks.tokens + c.tokens + coalesce((SELECT f.tokens FROM first AS f), 0)) / size)
        ORDER BY c.live_n DESC, c.no LIMIT 1
    ),
    chosen AS (
        SELECT f.no FROM first AS f WHERE f.worn OR EXISTS (SELECT FROM second)
        UNION ALL SELECT s.no FROM second AS s
    )
    SELECT coalesce(array_agg(c.no), '{}'),
           ARRAY(SELECT unnest(k.docs) FROM core.lexical_chunk AS k
                 WHERE k.index_id = x.id AND k.no IN (SELECT o.no FROM chosen AS o))
    FROM chosen AS c
$$;

COMMENT ON FUNCTION impl.worn_chunks(core.lexical_index, bigint, float8, float8, boolean) IS
    'Chunks to build anew, and their documents.';
