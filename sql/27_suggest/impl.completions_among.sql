-- Completions of given items that begin with a prefix, or whose initial consonants do, with the number of
-- these items that have each. sources: letters of core.completion.source. A title is written as the first of
-- the items has it. By initials only the 500 most frequent words, phrases and titles are looked for.
--   SELECT * FROM impl.completions_among('{1,2}', 1, 'ㅍㅓㅁ', false, 'wp', 10);
CREATE OR REPLACE FUNCTION impl.completions_among(
    item_ids bigint[],
    cid int,
    prefix text,
    by_initials boolean,
    sources text,
    limit_n int)
RETURNS TABLE (source text, key text, text text, n bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    initials_n CONSTANT int := 500;
    wanted text[] := ARRAY(SELECT s || cid::text || ':' || prefix FROM string_to_table(sources, NULL) AS s);
BEGIN
    IF by_initials THEN
        wanted := ARRAY(
            SELECT s || cid::text || ':' || c.key FROM string_to_table(sources, NULL) AS s
            CROSS JOIN impl.completion_candidates(cid, s, prefix, true, 1, initials_n) AS c);
    END IF;
    RETURN QUERY
    WITH entry AS (
        SELECT e.entry, count(*) AS n, min(t.item_id) AS first_id
        FROM core.title AS t CROSS JOIN unnest(t.keys) AS e(entry)
        WHERE t.item_id = ANY (item_ids)
          AND CASE WHEN by_initials THEN e.entry IN (SELECT unnest(wanted)) ELSE e.entry ^@ ANY (wanted) END
        GROUP BY e.entry
    ),
    best AS (
        SELECT left(e.entry, 1) AS source, substr(e.entry, strpos(e.entry, ':') + 1) AS key,
               e.n, e.first_id,
               row_number() OVER (PARTITION BY left(e.entry, 1) ORDER BY e.n DESC, e.entry) AS at
        FROM entry AS e
    )
    SELECT b.source, b.key, w.text, b.n
    FROM best AS b
    CROSS JOIN LATERAL (
        SELECT s.title AS text FROM core.title AS t CROSS JOIN string_to_table(t.titles, E'\n') AS s(title)
        WHERE b.source = 't' AND t.item_id = b.first_id AND left(impl.completion_key(s.title), 60) = b.key
        UNION ALL
        SELECT c.text FROM core.completion AS c
        WHERE b.source <> 't' AND c.collection_id = cid AND c.source = b.source AND c.key = b.key COLLATE "C"
        LIMIT 1) AS w
    WHERE b.at <= limit_n;
END $$;

COMMENT ON FUNCTION impl.completions_among(bigint[], int, text, boolean, text, int) IS
    'Completions of given items that begin with a prefix, with the number of these items that have each.';
