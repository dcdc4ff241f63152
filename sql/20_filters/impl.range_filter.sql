-- Writes the jsonpath predicate of a range notation, or returns NULL for a text in another one:
--   price:10..20      both ends included          price:10..<20    the end left out
--   price:10..        from 10                     price:..20       up to 20
--   made:2024-03..2024-05    days as ISO 8601 writes them; a month or a year includes all of its days
-- The key is as in impl.metadata_path; a value anywhere in it is enough. A year alone may be a number or a
-- year of days: both are found. Days compare as they are written, whatever their time zone. key:
-- the key, whatever its letters, instead of the one that is written.
--   SELECT impl.range_filter('specs.length:10..<20'), impl.range_filter('made:2024..');
CREATE OR REPLACE FUNCTION impl.range_filter(filter text, key text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    number CONSTANT text := '[-+]?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]{1,3})?';
    day CONSTANT text := '[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:T[0-9:.]+(?:Z|[-+][0-9:]+)?)?)?)?';
    ends CONSTANT text := '(' || day || '|' || number || ')?';
    read CONSTANT text[] := regexp_match(filter, E'^\\s*((?:"(?:[^"\\\\]|\\\\.)*"|[^":$])+?)\\s*:\\s*' || ends
                                         || E'\\s*[.]{2}(<?)\\s*' || ends || E'\\s*$');
    low CONSTANT text := read[2];
    high CONSTANT text := read[4];
    open CONSTANT boolean := read[3] = '<';
    numbers CONSTANT boolean := coalesce(low ~ ('^' || number || '$'), true)
                                AND coalesce(high ~ ('^' || number || '$'), true);
    days CONSTANT boolean := coalesce(low ~ ('^' || day || '$'), true)
                             AND coalesce(high ~ ('^' || day || '$'), true);
    tests text[];
BEGIN
    IF read IS NULL THEN
        RETURN NULL;
    END IF;
    IF num_nonnulls(low, high) = 0 OR NOT (numbers OR days) OR open AND high IS NULL
       OR (CASE WHEN numbers THEN low::numeric > high::numeric
                ELSE low > high AND NOT starts_with(low, high) END) THEN
        RAISE EXCEPTION 'this is no range: %', btrim(filter) USING ERRCODE = 'SG002',
            HINT = 'Write price:10..20, price:10..<20 (without its end), price:10.., price:..20 or '
                   'made:2024-01..2024-06; the lower end comes first.';
    END IF;
    IF numbers THEN
        tests := tests || concat_ws(' && ', '@ >= ' || low::numeric,
                                    CASE WHEN open THEN '@ < ' ELSE '@ <= ' END || high::numeric);
    END IF;
    IF days THEN
        tests := tests || concat_ws(' && ', '@ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}"',
            '@ >= ' || to_json(low),
            CASE WHEN open THEN '@ < ' || to_json(high)
                 ELSE '(@ <= ' || to_json(high) || ' || @ starts with ' || to_json(high) || ')' END);
    END IF;
    RETURN impl.key_predicate(coalesce(key, read[1]), '? (' || array_to_string(tests, ' || ') || ')');
END $$;

COMMENT ON FUNCTION impl.range_filter(text, text) IS
    'jsonpath predicate of a range notation such as price:10..20; NULL for a text in another notation.';
