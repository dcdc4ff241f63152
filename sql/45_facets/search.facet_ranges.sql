-- Counts items per range of a metadata key, numbers or days, over all items that match (impl.matching): below
-- the first bound, from each bound up to below the next, and from the last on. Without bounds about ranges_n
-- ranges with as many values in each are chosen. An item counts once per range in which it has a value.
-- filter finds the items of a range. most_n: so many matching items are read at most (NULL: all).
--   SELECT * FROM search.facet_ranges('parts', '펌프', 'price', '{100,1000}');
CREATE OR REPLACE FUNCTION search.facet_ranges(
    collection text,
    query text,
    field text,
    bounds text[] DEFAULT NULL,
    ranges_n int DEFAULT 5,
    filter text DEFAULT NULL,
    most_n int DEFAULT NULL)
RETURNS TABLE (low text, high text, items bigint, filter text)
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT b.*
    FROM impl.matching_metadata(facet_ranges.collection, facet_ranges.query, facet_ranges.filter,
                       facet_ranges.most_n, ARRAY[facet_ranges.field]) AS m
    CROSS JOIN LATERAL impl.range_counts(m.metadata, facet_ranges.field, facet_ranges.bounds,
                                         facet_ranges.ranges_n) AS b
$$;

COMMENT ON FUNCTION search.facet_ranges(text, text, text, text[], int, text, int) IS
    'Counts of the ranges of a metadata key, numbers or days, over all items that match.';
