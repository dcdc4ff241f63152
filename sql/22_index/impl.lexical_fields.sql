-- Weight and tokens of the indexed fields of an item, in order of field name. No SET: inlined into the
-- calling statement.
--   SELECT t.* FROM core.lexical_index AS x, core.item AS i, impl.lexical_fields(x.analyzer,
--       x.field_weights, i.fields) AS t LIMIT 5;
CREATE OR REPLACE FUNCTION impl.lexical_fields(analyzer text, field_weights jsonb, fields jsonb)
RETURNS TABLE (name text, weight float8, tokens text[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 3
AS $$
    SELECT f.key, w.weight, search.analyze(analyzer, f.value)
    FROM jsonb_each_text(fields) AS f
    CROSS JOIN LATERAL (SELECT coalesce((field_weights ->> f.key)::float8, 1) AS weight) AS w
    WHERE w.weight > 0
    ORDER BY f.key COLLATE "C"
$$;

COMMENT ON FUNCTION impl.lexical_fields(text, jsonb, jsonb) IS
    'Weight and tokens of the indexed fields of an item.';
