-- Writes the jsonpath predicate that a value of a metadata key exists and passes a test; the key as in
-- impl.metadata_path. As in search.facets, an item that has a key with dots as it is written means that one.
--   SELECT impl.key_predicate('size.mm', '? (@ > 3)');
CREATE OR REPLACE FUNCTION impl.key_predicate(field text, test text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN position('.' IN key_predicate.field) = 0
            THEN format('exists(%s %s)', p.nested, key_predicate.test)
        ELSE format('(exists($.%1$s) && exists(%2$s %4$s) || !(exists($.%1$s)) && exists(%3$s %4$s))',
                    to_json(key_predicate.field), impl.metadata_path(to_json(key_predicate.field)::text),
                    p.nested, key_predicate.test) END
    FROM (SELECT impl.metadata_path(key_predicate.field)::text AS nested) AS p
$$;

COMMENT ON FUNCTION impl.key_predicate(text, text) IS
    'jsonpath predicate that some value of a metadata key passes a test.';
