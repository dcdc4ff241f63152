-- Counts items per bar of a histogram of a metadata key; arguments and rows as in search.facet_histogram.
--   SELECT * FROM impl.histogram_counts(ARRAY['{"year": 2021}']::jsonb[], 'year', '5');
CREATE OR REPLACE FUNCTION impl.histogram_counts(metadata jsonb[], field text, step text)
RETURNS TABLE (low text, high text, items bigint, filter text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.*
    FROM impl.scale_of(histogram_counts.metadata, histogram_counts.field) AS s
    CROSS JOIN LATERAL impl.bucket_counts(histogram_counts.field, s.kind, s.items, s.vals,
                                          impl.histogram_edges(s.kind, s.vals, step), false) AS b
    WHERE s.kind IS NOT NULL
$$;

COMMENT ON FUNCTION impl.histogram_counts(jsonb[], text, text) IS
    'Histogram of a metadata key in an array of metadata.';
