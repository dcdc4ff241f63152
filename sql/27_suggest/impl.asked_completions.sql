-- Queries of others (impl.suggest_queries) that complete one reading of what was typed: the limit_n most
-- frequent that begin so, and of those whose initial consonants do. items: some that each has found, of which
-- one must still be there for it to be suggested.
--   SELECT text, n FROM impl.asked_completions(1, '진공 펌', 10);
CREATE OR REPLACE FUNCTION impl.asked_completions(cid int, typed text, limit_n int)
RETURNS TABLE (text text, n bigint, initials boolean, items bigint[])
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.text, c.n, r.initials, q.items
    FROM (SELECT left(impl.completion_key(typed), 60) AS key) AS k
    CROSS JOIN LATERAL (VALUES (k.key, false), (left(k.key, 40), true)) AS r(prefix, initials)
    CROSS JOIN LATERAL impl.completion_candidates(cid, 'q', r.prefix, r.initials, 1, limit_n) AS c
    JOIN core.completion AS q ON q.collection_id = cid AND q.source = 'q' AND q.key = c.key COLLATE "C"
        AND q.text = c.text COLLATE "C"
    WHERE NOT r.initials OR k.key COLLATE "C" ~ '^[ㄱ-ㅎ]{2,}$';
END $$;

COMMENT ON FUNCTION impl.asked_completions(int, text, int) IS
    'Queries of others that complete one reading of what was typed, with items that each has found.';
