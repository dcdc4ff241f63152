-- Statistics of a metadata key; rows as in search.facet_statistics.
--   SELECT * FROM impl.statistics_of(ARRAY['{"year": 2021}']::jsonb[], 'year');
CREATE OR REPLACE FUNCTION impl.statistics_of(metadata jsonb[], field text)
RETURNS TABLE (kind text, items bigint, "values" bigint, missing bigint, other bigint, low text, high text,
               mean text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 1
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    SELECT s.kind, a.items, cardinality(s.vals)::bigint, s.missing, s.other,
           impl.scale_text(s.kind, s.vals[1]), impl.scale_text(s.kind, s.vals[cardinality(s.vals)]),
           CASE s.kind WHEN 'number' THEN a.mean::float8::text ELSE impl.scale_text(s.kind, a.mean) END
    FROM impl.scale_of(statistics_of.metadata, statistics_of.field) AS s
    CROSS JOIN LATERAL (SELECT count(DISTINCT v.item) AS items, avg(v.val) AS mean
                        FROM unnest(s.items, s.vals) AS v(item, val)) AS a
$$;

COMMENT ON FUNCTION impl.statistics_of(jsonb[], text) IS
    'Statistics of a metadata key in an array of metadata.';
