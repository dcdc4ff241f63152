-- Tests whether what was typed is completed well enough: nothing else that the same keys give is to be read
-- then (search.suggest). Two letters on the other keyboard begin too much that nobody means, and several
-- words of which completions were found were typed on the right one.
--   SELECT impl.is_completed('진공 펌', 1, 10), impl.is_completed('wlsr', 1, 10);   -- true, false
CREATE OR REPLACE FUNCTION impl.is_completed(typed text, found_n int, k int)
RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN found_n >= k
        OR found_n > 0 AND (strpos(typed, ' ') > 0 OR length(impl.completion_key(typed)) < 3);
END $$;

COMMENT ON FUNCTION impl.is_completed(text, int, int) IS
    'Tests whether what was typed is completed well enough.';
