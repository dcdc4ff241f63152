-- Counts the values of a metadata key over all items that match, not only the best k: items with any word or
-- number of the query (all items without a query) that pass the filter (impl.matching). A dot leads into an
-- object (maker.country) and into the objects of an array; each element of an array counts, an item once per
-- value. A key that contains a dot is written as it is, or within a path in double quotes
-- (impl.metadata_path). Most frequent first, then by value.
--   SELECT * FROM search.facets('parts', '펌프', 'maker');
CREATE OR REPLACE FUNCTION search.facets(
    collection text,
    query text,
    field text,
    filter text DEFAULT NULL,
    top_n int DEFAULT 50)
RETURNS TABLE (value text, items bigint)
LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.*
    FROM impl.matching_metadata(facets.collection, facets.query, facets.filter, NULL, ARRAY[facets.field])
        AS m
    CROSS JOIN LATERAL impl.term_counts(m.metadata, facets.field, facets.top_n) AS t
$$;

COMMENT ON FUNCTION search.facets(text, text, text, text, int) IS
    'Counts the values of a metadata key over all items that match the query''s words and the filter.';
