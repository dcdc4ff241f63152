-- Completions of one reading of what was typed, each once: the best of each source in turn, in the order
-- identifier, query, word, phrase, title.
--   SELECT * FROM impl.ranked_completions(1, '진공 펌', NULL, NULL, 10);
CREATE OR REPLACE FUNCTION impl.ranked_completions(
    cid int,
    typed text,
    contains jsonb,
    path jsonpath,
    limit_n int)
RETURNS TABLE (
    at bigint,
    text text,
    source text,
    n bigint,
    initials boolean,
    lower_bound boolean,
    ignored text[])
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whole CONSTANT text := impl.completion_key(typed);
    key CONSTANT text := left(whole, 60);
    words CONSTANT text[] := string_to_array(typed, ' ');
    several CONSTANT boolean := cardinality(words) > 1;
    by_initials CONSTANT boolean := key COLLATE "C" ~ '^[ㄱ-ㅎ]{2,}$';
BEGIN
    RETURN QUERY
    WITH pool AS (
        SELECT c.source, c.text, c.n, false AS initials, c.lower_bound,
               '{}'::text[] AS ignored, false AS context
        FROM impl.completions_of(cid, key, false, contains, path, limit_n) AS c
        UNION ALL
        SELECT c.source, c.text, c.n, true, c.lower_bound, '{}', false
        FROM impl.completions_of(cid, left(key, 40), true, contains, path, limit_n) AS c WHERE by_initials
        UNION ALL
        SELECT 'i', c.text, c.n, false, c.lower_bound, '{}', false
        FROM impl.number_completions(cid, typed, contains, path, limit_n) AS c
        UNION ALL
        SELECT c.source, c.text, c.n, c.initials, c.lower_bound, c.ignored, true
        FROM impl.next_words(cid, trim_array(words, 1), words[cardinality(words)], contains, path,
                             limit_n) AS c
        WHERE several
    ),
    named AS (
        SELECT p.*, k.key, position(p.source::text IN 'iqwpt') AS place
        FROM pool AS p CROSS JOIN LATERAL (SELECT impl.completion_key(p.text) AS key) AS k
        -- Keys in tables are cut: what is longer is compared here. Ignored words come from what was typed.
        WHERE p.text IS NOT NULL AND (p.initials OR k.key ^@ whole)
    ),
    once AS (
        SELECT DISTINCT ON (m.key) m.* FROM named AS m
        ORDER BY m.key, m.context, m.place, m.n DESC, m.text COLLATE "C"
    ),
    turns AS (
        SELECT o.*, row_number() OVER (
            PARTITION BY o.place ORDER BY impl.frequency_class(o.n) DESC, o.key, o.text COLLATE "C") AS turn
        FROM once AS o
    )
    SELECT row_number() OVER (ORDER BY t.turn, t.place), t.text,
           ('{identifier,query,word,phrase,title}'::text[])[t.place], t.n, t.initials, t.lower_bound,
           t.ignored
    FROM turns AS t ORDER BY t.turn, t.place LIMIT limit_n;
END $$;

COMMENT ON FUNCTION impl.ranked_completions(int, text, jsonb, jsonpath, int) IS
    'Completions of one reading of what was typed, the best of each source in turn.';
