-- Several facets over one set of matching items (impl.matching), which is read once: at most most_n of them.
-- facets: [{"field": key, "kind": terms, ranges, histogram or statistics (terms if it is left out), "n":
-- values or ranges, "bounds": [...], "step": "month"}]; one row each in their order. counts is an array of
-- the rows of search.facets, search.facet_ranges, search.facet_histogram or search.facet_statistics. items
-- were read; complete is false where others match too, which are not counted.
--   SELECT * FROM search.facet_set('parts', '펌프',
--       '[{"field": "maker"}, {"field": "price", "kind": "ranges", "bounds": [100, 1000]}]');
CREATE OR REPLACE FUNCTION search.facet_set(
    collection text,
    query text,
    facets jsonb,
    filter text DEFAULT NULL,
    most_n int DEFAULT 50000)
RETURNS TABLE (field text, kind text, counts jsonb, items bigint, complete boolean)
LANGUAGE plpgsql STABLE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found record := impl.matching_metadata(
        collection, query, filter, most_n,
        ARRAY(SELECT e ->> 'field' FROM jsonb_array_elements(facets) AS e));
    metadata CONSTANT jsonb[] := found.metadata;
    facet record;
BEGIN
    items := found.items;
    complete := NOT found.more;
    FOR facet IN SELECT r.field, coalesce(r.kind, 'terms') AS kind, r.n, r.step,
                        ARRAY(SELECT jsonb_array_elements_text(r.bounds)) AS bounds
                 FROM jsonb_array_elements(facets) WITH ORDINALITY AS e(facet, at)
                 CROSS JOIN LATERAL jsonb_to_record(e.facet)
                     AS r(field text, kind text, n int, bounds jsonb, step text)
                 ORDER BY e.at LOOP
        field := facet.field;
        kind := facet.kind;
        counts := CASE kind
            WHEN 'terms' THEN (
                SELECT jsonb_agg(to_jsonb(t) ORDER BY t.items DESC, t.value)
                FROM impl.term_counts(metadata, facet.field, coalesce(facet.n, 10)) AS t)
            WHEN 'ranges' THEN (
                SELECT jsonb_agg(to_jsonb(b)) FROM impl.range_counts(
                    metadata, facet.field, nullif(facet.bounds, '{}'), coalesce(facet.n, 5)) AS b)
            WHEN 'histogram' THEN (
                SELECT jsonb_agg(to_jsonb(b))
                FROM impl.histogram_counts(metadata, facet.field, facet.step) AS b)
            WHEN 'statistics' THEN (
                SELECT jsonb_agg(to_jsonb(s)) FROM impl.statistics_of(metadata, facet.field) AS s)
            END;
        IF kind NOT IN ('terms', 'ranges', 'histogram', 'statistics') THEN
            RAISE EXCEPTION 'there are no facets of the kind %', kind
                USING ERRCODE = 'SG004', HINT = 'There are terms, ranges, histogram and statistics.';
        END IF;
        counts := coalesce(counts, '[]');
        RETURN NEXT;
    END LOOP;
END $$;

COMMENT ON FUNCTION search.facet_set(text, text, jsonb, text, int) IS
    'Several facets (terms, ranges, histograms, statistics) over one set of matching items.';
