-- A filter over metadata in either of its two spellings; both are served by the GIN index:
--   a JSON object, matched by containment:  {"maker": "SMC", "in_stock": true}
--   a jsonpath predicate:                   $.year >= 2019 && $.maker like_regex "^S"
-- Exactly one of the two results is set; both are NULL without a filter. A path that is not a predicate
-- would match nothing, silently: it is an error instead.
-- PostgreSQL's GIN index reads !(a != b) as a == b and misses documents without a. Such a path gets a second
-- half that is never true: the index has nothing to look up for it, and so finds every document to be checked.
--   SELECT * FROM impl.parse_filter('$.year >= 2019');
CREATE OR REPLACE FUNCTION impl.parse_filter(filter text, OUT contains jsonb, OUT path jsonpath)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reason text;
BEGIN
    IF filter IS NULL OR btrim(filter, E' \t\r\n') = '' THEN
        RETURN;
    END IF;
    BEGIN
        IF ltrim(filter, E' \t\r\n') LIKE '{%' THEN
            contains := filter::jsonb;
        ELSE
            path := filter::jsonpath;
            PERFORM jsonb_path_match('{}', path);
            IF path::text LIKE '%!(%' THEN
                path := regexp_replace(path::text, '^(strict )?(.*)$', '\1((\2) || (1 == 2))')::jsonpath;
            END IF;
        END IF;
    EXCEPTION
        WHEN singleton_sql_json_item_required THEN
            RAISE EXCEPTION 'the filter selects a value instead of testing one: %', filter
                USING ERRCODE = 'SG002', HINT = 'Write a predicate, such as $.year >= 2019 or exists($.tags[*] ? (@ == "x")).';
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
            RAISE EXCEPTION 'the filter cannot be read: %', reason
                USING ERRCODE = 'SG002',
                      HINT = 'A filter is a JSON object such as {"maker": "SMC"} or a jsonpath predicate such as $.year >= 2019.';
    END;
END $$;

COMMENT ON FUNCTION impl.parse_filter(text) IS 'A metadata filter as containment object or jsonpath predicate; SG002 when it is neither.';
