-- Tests whether the postings of an index that are in no chunk are as many as a chunk takes: searches become
-- slow, and no maintenance has come by.
--   SELECT impl.is_behind((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.is_behind(index_id int)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(impl.fills_chunk(sum(cardinality(b.docs)), sum(greatest(b.sum_length, 0)))
                    AND impl.makes_chunk(sum(cardinality(b.docs)), sum(greatest(b.sum_length, 0))), false)
    FROM core.batch AS b WHERE b.index_id = is_behind.index_id AND b.docs IS NOT NULL
$$;

COMMENT ON FUNCTION impl.is_behind(int) IS
    'Tests whether postings in no chunk are as many as a chunk takes.';
