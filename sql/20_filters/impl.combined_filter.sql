-- Combines a JSON array of filters, all of which must hold, into the two parts of impl.parse_filter: objects
-- become one object, paths one path. Raises SG002 where that is impossible.
--   SELECT * FROM impl.combined_filter('[{"maker": "SMC"}, "price:10..20", "$.year >= 2019"]');
CREATE OR REPLACE FUNCTION impl.combined_filter(filters jsonb, OUT contains jsonb, OUT path jsonpath)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest CONSTANT int := 32;
    one jsonb;
    part record;
    clash text;
BEGIN
    IF jsonb_array_length(filters) > longest THEN
        RAISE EXCEPTION 'the list has % filters', jsonb_array_length(filters) USING ERRCODE = 'SG002',
            HINT = format('It may have %s.', longest);
    END IF;
    FOR one IN SELECT e FROM jsonb_array_elements(filters) AS e LOOP
        IF jsonb_typeof(one) NOT IN ('object', 'string') OR ltrim(one #>> '{}', E' \t\r\n') LIKE '[%' THEN
            RAISE EXCEPTION 'a list of filters has something else in it' USING ERRCODE = 'SG002',
                HINT = 'Its elements are objects, and texts such as "price:10..20" or "$.year >= 2019".';
        END IF;
        part := impl.parse_filter(one #>> '{}');
        SELECT k.key INTO clash FROM jsonb_object_keys(part.contains) AS k(key)
        WHERE contains ? k.key AND contains -> k.key <> part.contains -> k.key
          AND NOT (jsonb_typeof(contains -> k.key) = 'array'
                   AND jsonb_typeof(part.contains -> k.key) = 'array')
        LIMIT 1;
        IF clash IS NOT NULL THEN
            RAISE EXCEPTION 'two filters of the list ask for different values of one key'
                USING ERRCODE = 'SG002',
                      HINT = 'Write them as one object, or as a jsonpath such as $.maker == "SMC".';
        END IF;
        contains := CASE WHEN part.contains IS NULL THEN contains
            ELSE coalesce(contains, '{}') || part.contains || coalesce((
                SELECT jsonb_object_agg(k.key, (contains -> k.key) || k.value)
                FROM jsonb_each(part.contains) AS k
                WHERE jsonb_typeof(contains -> k.key) = 'array'), '{}') END;
        IF path::text LIKE 'strict %' OR part.path::text LIKE 'strict %' AND path IS NOT NULL THEN
            RAISE EXCEPTION 'a strict path stands beside another one' USING ERRCODE = 'SG002',
                HINT = 'Put all conditions into one jsonpath, or leave "strict" out.';
        END IF;
        path := CASE WHEN part.path IS NULL THEN path WHEN path IS NULL THEN part.path
                     ELSE format('(%s) && (%s)', path, part.path)::jsonpath END;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.combined_filter(jsonb) IS
    'Containment object and jsonpath predicate of a list of filters that must all hold.';
