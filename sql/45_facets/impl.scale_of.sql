-- Values of a metadata key on a scale, for ranges, histograms and statistics: numbers, or days (texts that
-- begin as 2024-03-09, as they are written, counted from 1970-01-01); of both kinds the one that more items
-- have. items[n] is the place of the item that has vals[n]; an item has each value once. missing: items
-- without a value; other: items whose values are all of another kind.
--   SELECT * FROM impl.scale_of(ARRAY['{"year": 2021}', '{"year": [2019, 2020]}']::jsonb[], 'year');
CREATE OR REPLACE FUNCTION impl.scale_of(
    metadata jsonb[],
    field text,
    OUT kind text,
    OUT items bigint[],
    OUT vals numeric[],
    OUT missing bigint,
    OUT other bigint)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, YMD'
AS $$
#variable_conflict use_column
DECLARE
    largest CONSTANT numeric := 1e100;  -- beyond, means and steps leave the range of float8
    path CONSTANT jsonpath := impl.metadata_path(field);
    whole CONSTANT jsonpath := impl.whole_key(field);
    valued bigint;
    measured bigint;
BEGIN
    WITH seen AS MATERIALIZED (
        SELECT m.no, v.value, CASE jsonb_typeof(v.value)
            WHEN 'number' THEN CASE WHEN abs((v.value #>> '{}')::numeric) < largest THEN 'number' END
            WHEN 'string' THEN CASE
                WHEN v.value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}'
                     AND pg_input_is_valid(left(v.value #>> '{}', 10), 'date') THEN 'date' END
            END AS kind
        FROM unnest(scale_of.metadata) WITH ORDINALITY AS m(doc, no)
        CROSS JOIN LATERAL impl.values_at(m.doc, scale_of.field, path, whole) AS v
        WHERE v.value <> 'null'
    ),
    chosen AS (
        SELECT s.kind FROM seen AS s WHERE s.kind IS NOT NULL
        GROUP BY s.kind ORDER BY count(DISTINCT s.no) DESC, s.kind DESC LIMIT 1
    ),
    placed AS (
        SELECT DISTINCT s.no, CASE s.kind
            WHEN 'number' THEN (s.value #>> '{}')::numeric
            ELSE (left(s.value #>> '{}', 10)::date - date '1970-01-01')::numeric END AS val
        FROM seen AS s JOIN chosen AS c ON c.kind = s.kind
    )
    SELECT (SELECT c.kind FROM chosen AS c), coalesce(array_agg(p.no ORDER BY p.val, p.no), '{}'),
           coalesce(array_agg(p.val ORDER BY p.val, p.no), '{}'),
           (SELECT count(DISTINCT s.no) FROM seen AS s), count(DISTINCT p.no)
    INTO scale_of.kind, scale_of.items, scale_of.vals, valued, measured
    FROM placed AS p;
    missing := cardinality(metadata) - valued;
    other := valued - measured;
END $$;

COMMENT ON FUNCTION impl.scale_of(jsonb[], text) IS
    'Numbers or days of a metadata key, ascending, with the items that have them.';
