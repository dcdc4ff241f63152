-- Writes the jsonpath predicate of as_of:2020-01-31, items valid on that day: metadata valid_from is the day
-- or before it, valid_until behind it; an item that has neither is always valid. Both are days as texts,
-- 2020-01-31. Empty for as_of:ever, all items; NULL for a text in another notation.
--   SELECT impl.as_of_filter('as_of:2020-01-31');
CREATE OR REPLACE FUNCTION impl.as_of_filter(filter text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked CONSTANT text := substring(
        filter FROM '^[[:space:]]*as_of[[:space:]]*:[[:space:]]*([^.]*?)[[:space:]]*$');
BEGIN
    IF asked IS NULL OR asked = 'ever' THEN
        RETURN CASE asked WHEN 'ever' THEN '' END;
    ELSIF asked !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' OR NOT pg_input_is_valid(asked, 'date') THEN
        RAISE EXCEPTION 'this is no day: %', left(asked, 40) USING ERRCODE = 'SG002',
            HINT = 'Write as_of:2020-01-31, or as_of:ever for items of all times.';
    END IF;
    RETURN format('(!(exists($.valid_from)) || $.valid_from <= %1$s)'
                  ' && (!(exists($.valid_until)) || $.valid_until > %1$s)', to_json(asked));
END $$;

COMMENT ON FUNCTION impl.as_of_filter(text) IS
    'jsonpath predicate of as_of:DAY, items valid on a day; empty for as_of:ever, NULL for another notation.';
