-- Completions of all sources (titles t, words w, phrases p that two items have, queries q) that begin with a
-- prefix, or whose initial consonants do: the limit_n best of each, with or without a filter. A query is one
-- only as long as an item that it found is there and passes.
--   SELECT * FROM impl.completions_of(1, 'ㅍㅓㅁ', false, NULL, NULL, 10);
CREATE OR REPLACE FUNCTION impl.completions_of(
    cid int,
    prefix text,
    by_initials boolean,
    contains jsonb,
    path jsonpath,
    limit_n int)
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
        FROM unnest('{w,p,t}'::text[], '{1,2,1}'::int[]) AS s(source, fewest)
        CROSS JOIN impl.completion_candidates(cid, s.source, prefix, by_initials, s.fewest, limit_n) AS c;
    ELSE
        RETURN QUERY
        SELECT * FROM impl.passing_completions(cid, prefix, by_initials, contains, path, limit_n);
    END IF;
    RETURN QUERY
    SELECT 'q', c.key, c.text, c.n, false
    FROM impl.completion_candidates(cid, 'q', prefix, by_initials, 1, limit_n) AS c
    WHERE EXISTS (
        SELECT FROM core.completion AS q JOIN core.item AS i ON i.id = ANY (q.items)
        WHERE q.collection_id = cid AND q.source = 'q' AND q.key = c.key COLLATE "C"
          AND q.text = c.text COLLATE "C" AND impl.fits(i.metadata, contains, path));
END $$;

COMMENT ON FUNCTION impl.completions_of(int, text, boolean, jsonb, jsonpath, int) IS
    'Completions of all sources that begin with a prefix, or whose initial consonants do.';
