-- Merges the segment rows of an index into one; the number of items and the total length stay the same.
-- Writers only insert such rows, so nobody waits.
--   SELECT impl.merge_segments(1);
CREATE OR REPLACE FUNCTION impl.merge_segments(index_id int)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH old AS (
        DELETE FROM core.segment AS s WHERE s.index_id = merge_segments.index_id
        RETURNING s.n_docs, s.sum_length
    )
    INSERT INTO core.segment (index_id, n_docs, sum_length)
    SELECT merge_segments.index_id, sum(o.n_docs), sum(o.sum_length) FROM old AS o HAVING count(*) > 0
$$;

COMMENT ON FUNCTION impl.merge_segments(int) IS 'Merges the segment rows (statistics) of an inverted index.';
