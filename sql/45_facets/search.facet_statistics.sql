-- Statistics of a metadata key, numbers or days (of both kinds the one that more items have), over all items
-- that match (impl.matching): one row. items have a value of the kind, values counts these, an item's each
-- once; missing have no value, other have values of other kinds alone. most_n: see search.facet_ranges.
--   SELECT * FROM search.facet_statistics('parts', '펌프', 'price');
CREATE OR REPLACE FUNCTION search.facet_statistics(
    collection text,
    query text,
    field text,
    filter text DEFAULT NULL,
    most_n int DEFAULT NULL)
RETURNS TABLE (kind text, items bigint, "values" bigint, missing bigint, other bigint, low text, high text,
               mean text)
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.*
    FROM impl.matching_metadata(facet_statistics.collection, facet_statistics.query, facet_statistics.filter,
                       facet_statistics.most_n, ARRAY[facet_statistics.field]) AS m
    CROSS JOIN LATERAL impl.statistics_of(m.metadata, facet_statistics.field) AS s
$$;

COMMENT ON FUNCTION search.facet_statistics(text, text, text, text, int) IS
    'Lowest, highest and mean value of a metadata key, and counts of items with and without it.';
