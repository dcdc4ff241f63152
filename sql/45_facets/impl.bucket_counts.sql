-- Counts the items of impl.scale_of between edges: from an edge up to below the next, an item once per
-- bucket; with ends, also below the first edge and from the last on. filter finds the items of a bucket.
--   SELECT * FROM impl.bucket_counts('year', 'number', '{1,2}', '{2019,2021}', '{2020}', true);
CREATE OR REPLACE FUNCTION impl.bucket_counts(
    field text,
    kind text,
    items bigint[],
    vals numeric[],
    edges numeric[],
    ends boolean)
RETURNS TABLE (low text, high text, items bigint, filter text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH bucket AS (
        SELECT b.no, impl.scale_text(bucket_counts.kind, edges[b.no]) AS low,
               impl.scale_text(bucket_counts.kind, edges[b.no + 1]) AS high
        FROM generate_series(0, cardinality(edges)) AS b(no)
        WHERE ends OR b.no BETWEEN 1 AND cardinality(edges) - 1
    ),
    counted AS (
        SELECT width_bucket(v.val, edges) AS no, count(DISTINCT v.item) AS items
        FROM unnest(bucket_counts.items, vals) AS v(item, val)
        GROUP BY 1
    ),
    -- Four digits alone may be a year of days.
    written AS (
        SELECT b.*, b.low || CASE WHEN b.low ~ '^[0-9]{4}$' THEN '.0' ELSE '' END AS beginning,
               b.high || CASE WHEN b.high ~ '^[0-9]{4}$' THEN '.0' ELSE '' END AS ending
        FROM bucket AS b
    )
    SELECT w.low, w.high, coalesce(c.items, 0), CASE
        WHEN num_nonnulls(w.low, w.high) = 0 THEN NULL
        WHEN field ~ '[$:]' THEN impl.range_filter(format('x:%s..%s', beginning, '<' || ending), field)
        ELSE format('%s:%s..%s', field, beginning, '<' || ending) END
    FROM written AS w LEFT JOIN counted AS c ON c.no = w.no
    ORDER BY w.no
$$;

COMMENT ON FUNCTION impl.bucket_counts(text, text, bigint[], numeric[], numeric[], boolean) IS
    'Items per bucket of a scale, with the filter of each.';
