-- Part and serial numbers that begin as typed, separators and case apart, with the number of items that have
-- each and pass the filter; in order. Numbers read in pictures are left out. The first 200 rows that begin so
-- are read; lower_bound: there are more.
--   SELECT * FROM impl.number_completions(1, 'nry1', NULL, NULL, 10);
CREATE OR REPLACE FUNCTION impl.number_completions(
    cid int,
    typed text,
    contains jsonb,
    path jsonpath,
    limit_n int)
RETURNS TABLE (text text, n bigint, lower_bound boolean)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET plan_cache_mode = 'force_custom_plan'
AS $$
    WITH begun AS MATERIALIZED (
        SELECT d.raw, d.item_id, d.source FROM core.identifier AS d
        WHERE d.collection_id = cid AND d.normalized >= impl.fold_identifier(typed)
          AND d.normalized < impl.fold_identifier(typed) || chr(1114111)
          AND d.keys <> '{}' AND length(impl.fold_identifier(typed)) >= 2
        ORDER BY d.normalized LIMIT 200
    )
    SELECT b.raw, count(DISTINCT b.item_id), (SELECT count(*) FROM begun) = 200
    FROM begun AS b
    -- Folding makes 0 of O; what is completed begins with what was typed.
    WHERE b.source NOT LIKE 'ocr:%' AND impl.completion_key(b.raw) ^@ impl.completion_key(typed)
      AND (contains IS NULL AND path IS NULL OR EXISTS (
          SELECT FROM core.item AS i WHERE i.id = b.item_id AND impl.fits(i.metadata, contains, path)))
    GROUP BY b.raw
    ORDER BY length(b.raw), b.raw COLLATE "C"
    LIMIT limit_n
$$;

COMMENT ON FUNCTION impl.number_completions(int, text, jsonb, jsonpath, int) IS
    'Part and serial numbers that begin as typed, with their number of items.';
