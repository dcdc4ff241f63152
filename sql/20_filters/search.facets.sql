-- Counts the values of a metadata key over all matching items, not only the best k: items with any word of
-- the query (all items without a query) that pass the filter. A dot leads into an object (maker.country) and
-- into the objects of an array; each element of an array counts, an item once per value. A key that contains
-- a dot is written as it is, or within a path in double quotes (impl.metadata_path). Most frequent first,
-- then by value.
--   SELECT * FROM search.facets('parts', '펌프', 'maker');
CREATE OR REPLACE FUNCTION search.facets(
    collection text,
    query text,
    field text,
    filter text DEFAULT NULL,
    top_n int DEFAULT 50)
RETURNS TABLE (value text, items bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    x core.lexical_index := impl.live_index(collection);
    f record := impl.parse_filter(filter);
    words text[] := search.analyze(x.analyzer, query);
    path CONSTANT jsonpath := impl.metadata_path(field);
    -- An item that has the key as it is written, dots and all, means that one.
    whole CONSTANT jsonpath := CASE WHEN position('.' IN field) > 0
                                    THEN impl.metadata_path(to_json(field)::text) END;
    everything CONSTANT boolean := btrim(coalesce(query, '')) = '';
BEGIN
    PERFORM impl.at_least('top_n', top_n, 0);
    RETURN QUERY
    WITH matching AS (
        SELECT i.metadata
        FROM core.item AS i
        WHERE i.collection_id = x.collection_id
          AND impl.fits(i.metadata, f.contains, f.path)
          AND (everything OR i.id IN (
              SELECT d.item_id
              FROM unnest(impl.documents_with(x.id, words)) AS seen(doc)
              JOIN core.document AS d ON d.id = seen.doc))
    )
    SELECT v.value, count(*) AS items
    FROM matching AS m
    CROSS JOIN LATERAL (
        SELECT DISTINCT e.value #>> '{}' AS value
        FROM jsonb_path_query(m.metadata,
                              CASE WHEN whole IS NOT NULL AND m.metadata ? field THEN whole
                                   ELSE path END) AS e(value)
    ) AS v
    WHERE v.value IS NOT NULL
    GROUP BY v.value
    ORDER BY items DESC, v.value
    LIMIT top_n;
END $$;

COMMENT ON FUNCTION search.facets(text, text, text, text, int) IS
    'Counts the values of a metadata key over all items that match the query''s words and the filter.';
