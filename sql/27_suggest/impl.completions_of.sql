-- Titles (t), words (w) and phrases (p) that begin with a prefix, or whose initial consonants do: the limit_n
-- best of each, with or without a filter; without, of phrases those alone that `fewest` items have.
--   SELECT * FROM impl.completions_of(1, 'ㅍㅓㅁ', false, NULL, NULL, 10, 2);
CREATE OR REPLACE FUNCTION impl.completions_of(
    cid int,
    prefix text,
    by_initials boolean,
    contains jsonb,
    path jsonpath,
    limit_n int,
    fewest int)
RETURNS TABLE (source text, key text, text text, n bigint, lower_bound boolean)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
BEGIN
    IF contains IS NULL AND path IS NULL THEN
        RETURN QUERY
        SELECT s.source, c.key, c.text, c.n, false
        FROM unnest('{w,p,t}'::text[], ARRAY[1, completions_of.fewest, 1]) AS s(source, fewest)
        CROSS JOIN impl.completion_candidates(cid, s.source, prefix, by_initials, s.fewest, limit_n) AS c;
    ELSE
        RETURN QUERY
        SELECT * FROM impl.passing_completions(cid, prefix, by_initials, contains, path, limit_n);
    END IF;
END $$;

COMMENT ON FUNCTION impl.completions_of(int, text, boolean, jsonb, jsonpath, int, int) IS
    'Titles, words and phrases that begin with a prefix, or whose initial consonants do.';
