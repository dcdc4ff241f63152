-- Parses a metadata filter, which has five notations; the GIN index serves the first, and == in the second:
--   a JSON object, matched by containment:  {"maker": "SMC", "in_stock": true}
--   a jsonpath predicate:                   $.year >= 2019 && $.maker like_regex "^S"
--   a range (impl.range_filter):            price:10..20
--   a day (impl.as_of_filter):              as_of:2020-01-31, items valid then
--   a JSON array of these, all of which must hold (impl.combined_filter)
-- Only an array sets both results; both are NULL without a filter. impl.fits applies them. A path that
-- is no predicate would silently match nothing, so it is an error. So is one that could fail on some
-- metadata, or take far longer than an index: see impl.check_path and impl.check_patterns. PostgreSQL's GIN
-- index reads !(a != b) as a == b and misses documents without a. Such a path gets a second half that is
-- never true: the index cannot search for it, and so finds every document, to be checked. The filter itself
-- is in no message, since messages are in the log of the server.
--   SELECT * FROM impl.parse_filter('$.year >= 2019');
CREATE OR REPLACE FUNCTION impl.parse_filter(filter text, OUT contains jsonb, OUT path jsonpath)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest CONSTANT int := 10000;
    reason text;
BEGIN
    IF filter IS NULL OR btrim(filter, E' \t\r\n') = '' THEN
        RETURN;
    ELSIF length(filter) > longest THEN
        RAISE EXCEPTION 'the filter has % characters', length(filter)
            USING ERRCODE = 'SG002', HINT = format('It may have %s.', longest);
    END IF;
    BEGIN
        IF ltrim(filter, E' \t\r\n') LIKE '{%' THEN
            contains := filter::jsonb;
        ELSIF ltrim(filter, E' \t\r\n') LIKE '[%' THEN
            SELECT c.contains, c.path INTO contains, path FROM impl.combined_filter(filter::jsonb) AS c;
        ELSIF impl.as_of_filter(filter) IS NOT NULL THEN
            path := nullif(impl.as_of_filter(filter), '')::jsonpath;
        ELSIF impl.range_filter(filter) IS NOT NULL THEN
            path := impl.range_filter(filter);
            PERFORM impl.check_path(path);
        ELSE
            PERFORM impl.check_patterns(filter);
            path := filter::jsonpath;
            PERFORM impl.check_path(path), jsonb_path_match_tz('{}', path);
        END IF;
        IF path::text LIKE '%!(%' AND ltrim(filter, E' \t\r\n') NOT LIKE '[%' THEN
            path := regexp_replace(path::text, '^(strict )?(.*)$', E'\\1((\\2) || (1 == 2))')::jsonpath;
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'SG002' OR SQLSTATE 'SG004' THEN
            RAISE;
        WHEN singleton_sql_json_item_required THEN
            RAISE EXCEPTION 'the filter selects a value instead of testing one'
                USING ERRCODE = 'SG002',
                      HINT = 'Write a predicate, such as $.year >= 2019 or exists($.tags[*] ? (@ == "x")).';
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
            RAISE EXCEPTION 'the filter cannot be read: %', left(reason, 100)
                USING ERRCODE = 'SG002',
                      HINT = 'A filter is a JSON object such as {"maker": "SMC"}, a jsonpath predicate such '
                             'as $.year >= 2019, a range such as price:10..20, as_of:2020-01-31, or a '
                             'list of these.';
    END;
END $$;

COMMENT ON FUNCTION impl.parse_filter(text) IS
    'Parses a metadata filter into a containment object and a jsonpath predicate; SG002 when it is neither.';
