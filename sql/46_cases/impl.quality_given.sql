-- Reads from an item what the rules of search.quality compare: {"numbers": [{"label", "field",
-- "raw"}], "maker", "category", "has_nameplate"}. Keys are those of the collection's `quality`, looked up in
-- the fields and then in the metadata. Numbers are of its identifier fields (label serial_number for the
-- field of that name, else part_number) and the model. has_nameplate: true or false, also as text (true, yes,
-- 1, 있음; false, no, 0, 없음); anything else is unknown.
--   SELECT impl.quality_given(c, '{"maker": "SMC"}', '{"has_nameplate": true}')
--   FROM core.collection AS c WHERE c.name = 'parts';
CREATE OR REPLACE FUNCTION impl.quality_given(c core.collection, fields jsonb, metadata jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
    SELECT jsonb_build_object(
        'numbers', coalesce((
            SELECT jsonb_agg(jsonb_build_object('label', f.label, 'field', f.name, 'raw', btrim(piece.raw))
                             ORDER BY f.label = 'model', f.at)
            FROM (SELECT CASE WHEN n.name = 'serial_number' THEN n.name ELSE 'part_number' END, n.name, n.at
                  FROM unnest(c.identifier_fields) WITH ORDINALITY AS n(name, at)
                  WHERE n.name <> coalesce(c.quality ->> 'model', 'model')
                  UNION ALL SELECT 'model', coalesce(c.quality ->> 'model', 'model'), 1) AS f(label, name, at)
            CROSS JOIN regexp_split_to_table(
                coalesce(quality_given.fields ->> f.name, quality_given.metadata ->> f.name),
                E'[,;\n]') AS piece(raw)
            WHERE impl.fold_identifier(left(piece.raw, 100)) ~ '...'), '[]'),
        'maker', one.value ->> 'maker', 'category', one.value ->> 'category',
        'has_nameplate', CASE
            WHEN lower(one.value ->> 'has_nameplate') IN ('true', 'yes', '1', '있음') THEN true
            WHEN lower(one.value ->> 'has_nameplate') IN ('false', 'no', '0', '없음') THEN false END)
    FROM (SELECT jsonb_object_agg(k.name, nullif(btrim(coalesce(
                     quality_given.fields ->> coalesce(c.quality ->> k.name, k.name),
                     quality_given.metadata ->> coalesce(c.quality ->> k.name, k.name))), '')) AS value
          FROM unnest(ARRAY['maker', 'category', 'has_nameplate']) AS k(name)) AS one
$$;

COMMENT ON FUNCTION impl.quality_given(core.collection, jsonb, jsonb) IS
    'Numbers, maker, category and has_nameplate of an item, as search.quality compares them.';
