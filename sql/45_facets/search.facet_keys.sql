-- Suggests metadata keys for facets: at least half of the items have the key, and many items share a value.
-- Estimated from a sample, always the same, that is spread over the whole collection: neighbouring items are
-- often alike. Each element of an array is a value; keys with a dot and keys with long texts are left out.
-- Keys of numbers come last, otherwise those with the fewest values first.
--   SELECT * FROM search.facet_keys('parts');
CREATE OR REPLACE FUNCTION search.facet_keys(collection text, top_n int DEFAULT 4)
RETURNS TABLE (field text, items bigint, kinds bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wanted CONSTANT int := impl.named_collection(collection);
BEGIN
    RETURN QUERY
    WITH drawn AS MATERIALIZED (
        SELECT i.id, i.metadata FROM impl.drawn_items(wanted, 2000) AS i
    ),
    kept AS (
        SELECT i.id, m.key, v.value, v.is_number
        FROM drawn AS i
        CROSS JOIN LATERAL jsonb_each(i.metadata) AS m
        CROSS JOIN LATERAL (
            SELECT e.value #>> '{}', jsonb_typeof(e.value) = 'number' FROM jsonb_array_elements(
                CASE jsonb_typeof(m.value) WHEN 'array' THEN m.value ELSE jsonb_build_array(m.value) END) AS e
            WHERE jsonb_typeof(e.value) IN ('string', 'number', 'boolean')
        ) AS v(value, is_number)
        WHERE position('.' IN m.key) = 0
    ),
    counted AS (
        SELECT k.key, count(DISTINCT k.id) AS items, count(DISTINCT k.value) AS kinds,
               bool_and(k.is_number) AS numbers
        FROM kept AS k GROUP BY k.key HAVING max(length(k.value)) <= 100
    )
    SELECT c.key, c.items, c.kinds
    FROM counted AS c
    WHERE c.items * 2 >= (SELECT count(*) FROM drawn) AND c.kinds > 1 AND c.kinds * 3 <= c.items
    ORDER BY c.numbers, c.kinds, c.key
    LIMIT impl.at_least('top_n', top_n, 0);
END $$;

COMMENT ON FUNCTION search.facet_keys(text, int) IS
    'Metadata keys of a collection that make good facets, found in a sample of the whole collection.';
