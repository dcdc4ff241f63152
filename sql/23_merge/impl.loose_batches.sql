-- The oldest batches of an index whose postings are in no chunk, as many as one chunk takes, and whether all
-- there are suffice for one.
--   SELECT * FROM impl.loose_batches((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.loose_batches(
    index_id int,
    size float8 DEFAULT 1,
    OUT ids bigint[],
    OUT docs bigint[],
    OUT doc_n bigint,
    OUT tokens float8,
    OUT makes_chunk boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH loose AS MATERIALIZED (
        SELECT b.id, b.docs, sum(cardinality(b.docs)) OVER o AS upto,
               sum(greatest(b.sum_length, 0)) OVER o AS tokens, row_number() OVER o AS at
        FROM core.batch AS b WHERE b.index_id = loose_batches.index_id AND b.docs IS NOT NULL
        WINDOW o AS (ORDER BY b.id ROWS UNBOUNDED PRECEDING)
    ),
    taken AS (
        SELECT l.* FROM loose AS l
        WHERE l.at = 1 OR NOT impl.fills_chunk((l.upto / size - 1)::bigint, l.tokens / size)
    )
    SELECT (SELECT coalesce(array_agg(t.id), '{}') FROM taken AS t),
           ARRAY(SELECT unnest(t.docs) FROM taken AS t),
           (SELECT coalesce(max(t.upto), 0) FROM taken AS t),
           (SELECT coalesce(max(t.tokens), 0) FROM taken AS t),
           (SELECT coalesce(impl.makes_chunk((max(l.upto) / size)::bigint, max(l.tokens) / size), false)
            FROM loose AS l)
$$;

COMMENT ON FUNCTION impl.loose_batches(int, float8) IS 'Oldest batches of an index that are in no chunk.';
