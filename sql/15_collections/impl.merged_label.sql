-- Names of a key after a change, and of its values: names that are given replace those there were, values are
-- changed one by one, and null removes. given NULL: nothing was said about the key.
--   SELECT impl.merged_label('{"ko": "종류", "values": {"law": {"ko": "법"}}}', '{"values": {"law": null}}');
CREATE OR REPLACE FUNCTION impl.merged_label(before jsonb, given jsonb)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN given IS NULL THEN coalesce(before, '{}')
        WHEN given = 'null' THEN '{}'
        ELSE CASE WHEN given ?| '{ko,en}' THEN given ELSE coalesce(before, '{}') END - 'values'
             || CASE WHEN kept.named = '{}' THEN '{}' ELSE jsonb_build_object('values', kept.named) END END
    FROM (SELECT CASE WHEN given -> 'values' = 'null' THEN '{}'
        ELSE jsonb_strip_nulls(coalesce(before -> 'values', '{}') || coalesce(given -> 'values', '{}')) END
    ) AS kept(named)
$$;

COMMENT ON FUNCTION impl.merged_label(jsonb, jsonb) IS 'Names of a key and its values after a change.';
