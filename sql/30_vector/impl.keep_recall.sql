-- Stores a measurement of search.measure_recall. Runs as the owner, only for this: whoever may search may
-- measure. The last thousand of each space are kept, so that nobody fills the disk.
--   SELECT impl.keep_recall(1, 100, 10, 0.98, 1.2, 20);
CREATE OR REPLACE FUNCTION impl.keep_recall(
    space_id int,
    sample_n int,
    k int,
    recall float8,
    ann_ms float8,
    exact_ms float8)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM ops.recall AS r WHERE r.space_id = keep_recall.space_id AND r.id NOT IN (
        SELECT n.id FROM ops.recall AS n WHERE n.space_id = keep_recall.space_id
        ORDER BY n.id DESC LIMIT 999);
    INSERT INTO ops.recall (space_id, sample_n, k, ef_search, recall, ann_ms, exact_ms)
    SELECT s.id, keep_recall.sample_n, keep_recall.k, s.ef_search, keep_recall.recall, keep_recall.ann_ms,
           keep_recall.exact_ms
    FROM ops.space AS s WHERE s.id = keep_recall.space_id
$$;

COMMENT ON FUNCTION impl.keep_recall(int, int, int, float8, float8, float8) IS
    'Stores a measurement of recall, for readers too.';
