-- Raises an error where these are no sources of vectors: {source: [field, template or @role, …]}, none empty,
-- and braces of templates closed. SG004.
--   SELECT impl.check_vector_sources('{"item": ["[maker] {maker}", "title"]}');
CREATE OR REPLACE FUNCTION impl.check_vector_sources(sources jsonb)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong text;
BEGIN
    IF jsonb_typeof(sources) IS DISTINCT FROM 'object' OR sources = '{}'
        OR jsonb_path_exists(sources, 'strict $.* ? (@.type() != "array" || @.size() == 0)')
        OR jsonb_path_exists(sources, '$.*[*] ? (@.type() != "string" || @ == "")') THEN
        RAISE EXCEPTION 'these are no sources of vectors' USING ERRCODE = 'SG004',
            HINT = 'Such as {"item": ["[maker] {maker}", "title"], "photo": ["@photo"]}: lists of fields, '
                   'templates and roles.';
    END IF;
    SELECT min(e.entry) INTO wrong
    FROM jsonb_each(sources) AS s CROSS JOIN LATERAL jsonb_array_elements_text(s.value) AS e(entry)
    WHERE e.entry ~ '[{}]' AND regexp_replace(e.entry, '[{][^{}]+[}]', '', 'g') ~ '[{}]';
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'this is no template: %', wrong USING ERRCODE = 'SG004',
            HINT = 'A template names fields in braces: [maker] {maker}.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_vector_sources(jsonb) IS
    'Raises an error where these are no sources of vectors.';
