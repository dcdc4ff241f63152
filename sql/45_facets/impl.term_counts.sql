-- Counts the values of a metadata key in items, an item once per value: most frequent first, then by value.
--   SELECT * FROM impl.term_counts(ARRAY['{"maker": "SMC"}']::jsonb[], 'maker', 10);
CREATE OR REPLACE FUNCTION impl.term_counts(metadata jsonb[], field text, top_n int)
RETURNS TABLE (value text, items bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 50
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.value #>> '{}', count(DISTINCT m.no)
    FROM (SELECT impl.metadata_path(term_counts.field) AS path,
                 impl.whole_key(term_counts.field) AS whole) AS k
    CROSS JOIN unnest(term_counts.metadata) WITH ORDINALITY AS m(doc, no)
    CROSS JOIN LATERAL impl.values_at(m.doc, term_counts.field, k.path, k.whole) AS v
    WHERE v.value <> 'null'
    GROUP BY v.value #>> '{}'
    ORDER BY count(DISTINCT m.no) DESC, v.value #>> '{}'
    LIMIT impl.at_least('top_n', term_counts.top_n, 0)
$$;

COMMENT ON FUNCTION impl.term_counts(jsonb[], text, int) IS
    'Counts of the values of a metadata key in an array of metadata.';
