-- Builds the jsonpath of a metadata key: dots lead into objects, arrays on the way are unpacked, and each
-- element of an array at the end counts. A key that contains a dot stands in double quotes, as in JSON; a
-- text that is no list of keys between dots ("No.") is one key.
--   SELECT impl.metadata_path('tags.name'), impl.metadata_path('"size.mm".x');
CREATE OR REPLACE FUNCTION impl.metadata_path(field text)
RETURNS jsonpath
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    quoted CONSTANT text := E'"(?:[^"\\\\]|\\\\.)*"';
    keys text[];
BEGIN
    IF field ~ ('^(' || quoted || '|[^".][^.]*)([.](' || quoted || '|[^".][^.]*))*$') THEN
        keys := ARRAY(SELECT hit[1]
                      FROM regexp_matches(field, '(?:^|[.])(' || quoted || '|[^".][^.]*)', 'g') AS hit);
    ELSIF field ~ '^[^"]' THEN
        keys := ARRAY[to_json(field)::text];
    ELSE
        RAISE invalid_text_representation;
    END IF;
    -- A quoted key is read and written again: whatever it is, it is one string of the path. [*]: arrays in
    -- arrays.
    RETURN ('$' || (
        SELECT string_agg('.' || to_json(CASE WHEN left(k.key, 1) = '"' THEN k.key::jsonb #>> '{}'
                                              ELSE k.key END)::text || '[*][*]', '' ORDER BY k.at)
        FROM unnest(keys) WITH ORDINALITY AS k(key, at)))::jsonpath;
EXCEPTION
    WHEN data_exception THEN
        RAISE EXCEPTION 'this is no key of the metadata: %', coalesce(field, '(null)')
            USING ERRCODE = 'SG004',
                  HINT = 'Write maker, maker.country, or "size.mm" in double quotes, as in JSON, where a key '
                         'has a dot in it.';
END $$;

COMMENT ON FUNCTION impl.metadata_path(text) IS 'jsonpath of a metadata key written with dots.';
