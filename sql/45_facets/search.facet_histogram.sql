-- Counts items per bar of a histogram of a metadata key, over all items that match (impl.matching): numbers
-- by multiples of a step, days by year, month or day; bars between without items have 0. Without a step one
-- is chosen (impl.histogram_edges). filter finds the items of a bar. most_n: see search.facet_ranges.
--   SELECT * FROM search.facet_histogram('parts', NULL, 'year', '5');
CREATE OR REPLACE FUNCTION search.facet_histogram(
    collection text,
    query text,
    field text,
    step text DEFAULT NULL,
    filter text DEFAULT NULL,
    most_n int DEFAULT NULL)
RETURNS TABLE (low text, high text, items bigint, filter text)
LANGUAGE sql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.*
    FROM impl.matching_metadata(facet_histogram.collection, facet_histogram.query, facet_histogram.filter,
                       facet_histogram.most_n, ARRAY[facet_histogram.field]) AS m
    CROSS JOIN LATERAL impl.histogram_counts(m.metadata, facet_histogram.field,
                                             facet_histogram.step) AS b
$$;

COMMENT ON FUNCTION search.facet_histogram(text, text, text, text, text, int) IS
    'Histogram of a metadata key, numbers or days, over all items that match.';
