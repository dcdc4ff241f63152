-- Letters and digits of all scripts as ranges for a regular expression. Classes such as [[:alnum:]] would
-- depend on the locale of the database. Combining marks are not among them. No SET: a constant, inlined.
--   SELECT regexp_replace('HD1800-S7', '[^' || impl.letters() || ']', '', 'g');
CREATE OR REPLACE FUNCTION impl.letters()
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT E'0-9A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u1FFF\u2C00-\u2DFF\u2E80-\u2FDF'
           '\u3005-\u3007\u3041-\u318E\u31A0-\u31FF\u3400-\uABFF\uAC00-\uD7FF\uF900-\uFAFF'
$$;

COMMENT ON FUNCTION impl.letters() IS
    'Letters and digits of all scripts, as ranges for a regular expression.';
