-- Counts items per range of a metadata key; arguments and rows as in search.facet_ranges.
--   SELECT * FROM impl.range_counts(ARRAY['{"year": 2021}']::jsonb[], 'year', '{2020}', 5);
CREATE OR REPLACE FUNCTION impl.range_counts(metadata jsonb[], field text, bounds text[], ranges_n int)
RETURNS TABLE (low text, high text, items bigint, filter text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.*
    FROM impl.scale_of(range_counts.metadata, range_counts.field) AS s
    CROSS JOIN LATERAL impl.bucket_counts(
        range_counts.field, s.kind, s.items, s.vals,
        CASE WHEN bounds IS NULL THEN impl.chosen_edges(s.kind, s.vals, ranges_n)
             ELSE impl.given_edges(s.kind, bounds) END, true) AS b
    WHERE s.kind IS NOT NULL AND impl.at_least('ranges_n', range_counts.ranges_n, 1) >= 1
$$;

COMMENT ON FUNCTION impl.range_counts(jsonb[], text, text[], int) IS
    'Counts of the ranges of a metadata key in an array of metadata.';
