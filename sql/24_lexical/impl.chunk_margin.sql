-- Factor by which the gain of a term in a document may at most exceed the one in the vectors of an index: the
-- constants and the average length are those of today there, in a chunk those of the day it was built.
-- tf * (k1 + 1) / (tf + k1 * (1 - b) + k1 * b / average * length): with the same tf and length, two such
-- fractions differ by the ratio of one coefficient at most. Very large where there is no such factor.
--   SELECT impl.chunk_margin(impl.live_index('parts'), 56);
CREATE OR REPLACE FUNCTION impl.chunk_margin(x core.lexical_index, avg_length float8)
RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(max((x.k1 + 1) / (c.k1 + 1) * greatest(
        1,
        CASE WHEN c.k1 * (1 - c.b) = 0 THEN 1
             ELSE coalesce(c.k1 * (1 - c.b) / nullif(x.k1 * (1 - x.b), 0), 1e20) END,
        CASE WHEN c.k1 * c.b = 0 THEN 1
             ELSE coalesce(c.k1 * c.b / c.avg_length / nullif(x.k1 * x.b / chunk_margin.avg_length, 0), 1e20)
             END)), 1)
    FROM core.lexical_chunk AS c WHERE c.index_id = x.id
$$;

COMMENT ON FUNCTION impl.chunk_margin(core.lexical_index, float8) IS
    'Factor by which gains may at most exceed those in the vectors of an index.';
