-- Completions of one reading of what was typed, from what is here, as the rows that impl.ranked_completions
-- ranks: titles (t), words (w), phrases (p) and numbers (i), up to limit_n of each, and those of the last of
-- several words (context). asked: with queries of others (q) of which an item is here and passes. On a shard
-- (not asked), phrases that one item has are among them, as another shard may have one more.
--   SELECT impl.completion_pool(1, '진공 펌', NULL, NULL, 10, true);
CREATE OR REPLACE FUNCTION impl.completion_pool(
    cid int,
    typed text,
    contains jsonb,
    path jsonpath,
    limit_n int,
    asked boolean)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
DECLARE
    key CONSTANT text := left(impl.completion_key(typed), 60);
    words CONSTANT text[] := string_to_array(typed, ' ');
    several CONSTANT boolean := cardinality(words) > 1;
    by_initials CONSTANT boolean := key COLLATE "C" ~ '^[ㄱ-ㅎ]{2,}$';
    fewest CONSTANT int := CASE WHEN asked AND contains IS NULL AND path IS NULL THEN 2 ELSE 1 END;
BEGIN
    RETURN coalesce((SELECT jsonb_agg(to_jsonb(p)) FROM (
        SELECT c.source, c.text, c.n, false AS initials, c.lower_bound,
               '{}'::text[] AS ignored, false AS context
        FROM impl.completions_of(cid, key, false, contains, path, limit_n, fewest) AS c
        UNION ALL
        SELECT c.source, c.text, c.n, true, c.lower_bound, '{}', false
        FROM impl.completions_of(cid, left(key, 40), true, contains, path, limit_n, fewest) AS c
        WHERE by_initials
        UNION ALL
        SELECT 'i', c.text, c.n, false, c.lower_bound, '{}', false
        FROM impl.number_completions(cid, typed, contains, path, limit_n) AS c
        UNION ALL
        SELECT c.source, c.text, c.n, c.initials, c.lower_bound, c.ignored, true
        FROM impl.next_words(cid, trim_array(words, 1), words[cardinality(words)], contains, path,
                             limit_n) AS c
        WHERE several
        UNION ALL
        SELECT 'q', c.text, c.n, c.initials, false, '{}', false
        FROM impl.asked_completions(cid, typed, limit_n) AS c
        WHERE asked AND EXISTS (SELECT FROM core.item AS i
                                WHERE i.id = ANY (c.items) AND impl.fits(i.metadata, contains, path))
        ) AS p
    WHERE p.text IS NOT NULL AND (p.source <> 'p' OR p.n >= fewest)), '[]');
END $$;

COMMENT ON FUNCTION impl.completion_pool(int, text, jsonb, jsonpath, int, boolean) IS
    'Completions of one reading of what was typed, from what is here, to be ranked.';
