-- Rejects a jsonpath whose work grows faster than the metadata it reads, or that would fail on some metadata.
-- A path that starts at $ inside ?(…) visits everything for every element; so do two .** in one filter, lists
-- of subscripts that select an element twice, and .keyvalue() of .keyvalue(). A path that starts at @ only
-- goes down.
--   SELECT impl.check_path('exists($.tags[*] ? (@ == "a"))');
CREATE OR REPLACE FUNCTION impl.check_path(path jsonpath)
RETURNS void
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- As PostgreSQL writes it, keys in quotes; then without what is quoted.
    bare CONSTANT text := regexp_replace(path::text, E'"(?:\\\\.|[^"\\\\])*"', '""', 'g');
    token text;
    opened boolean[] := '{}';  -- parentheses: is it that of ?(…)
    inside int := 0;
    deepest int := 0;
    many int := 0;
    anew boolean := false;
    method text;
    trouble text;
BEGIN
    IF strpos(bare, '$""') > 0 THEN
        RAISE EXCEPTION 'the filter cannot be read: could not find jsonpath variable' USING ERRCODE = 'SG002',
            HINT = 'A filter has no variables: write the value, such as $.year >= 2019.';
    END IF;
    FOR token IN SELECT m[1]
        FROM regexp_matches(bare, E'(\\?\\(|\\(|\\)|\\$|\\.\\*|\\[\\*\\]| to |\\.keyvalue\\(|\\[[^]$(*]*,)',
                            'g') AS m LOOP
        CASE
            WHEN token IN ('?(', '(', '.keyvalue(') THEN
                opened := opened || (token = '?(');
                inside := inside + (token = '?(')::int;
                deepest := greatest(deepest, inside);
                many := many + (token = '.keyvalue(')::int;
            WHEN token = ')' THEN
                inside := inside - opened[cardinality(opened)]::int;
                opened := trim_array(opened, 1);
            WHEN token = '$' THEN anew := anew OR inside > 0;
            ELSE many := many + 1;
        END CASE;
    END LOOP;
    trouble := CASE
        WHEN regexp_count(bare, E'\\.\\*\\*') > 1 THEN 'it has more than one .**'
        WHEN regexp_count(bare, E'\\.keyvalue\\(') > 1 THEN 'it has more than one .keyvalue()'
        WHEN regexp_count(bare, E'\\[[^]]*,') > 1
            OR bare ~ E'\\[[^]]*(,[^]]*){16}'
                THEN 'it has more than one list of subscripts, or one of more than 16'
        WHEN anew THEN 'a path inside ?(…) begins with $'
        WHEN deepest > 3 THEN '?(…) stands in ?(…) more than three deep'
        WHEN many > 16 THEN 'it has more than 16 of .* [*] [a to b] .** .keyvalue()' END;
    IF trouble IS NOT NULL THEN
        RAISE EXCEPTION 'the filter asks for too much work: %', trouble USING ERRCODE = 'SG002',
            HINT = 'Name the keys on the way instead of .**, and begin paths inside ?(…) with @.';
    END IF;
    -- Templates and precisions are read when the first value comes along, and fail then. So one comes along
    -- now.
    FOR method IN SELECT m[1]
        FROM regexp_matches(path::text, E'(\\.(?:datetime|decimal)\\((?:"(?:\\\\.|[^"\\\\])*"|[-0-9, ]+)\\))',
                            'g') AS m LOOP
        PERFORM jsonb_path_exists(CASE WHEN method LIKE '.datetime%' THEN '"1"'::jsonb ELSE '1' END,
                                  ('$' || method)::jsonpath, '{}', true);
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.check_path(jsonpath) IS
    'Raises SG002 for a jsonpath that could take very long, or fail on some metadata.';
