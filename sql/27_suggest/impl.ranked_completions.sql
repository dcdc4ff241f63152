-- Ranks completions of one reading of what was typed (impl.completion_pool, impl.merged_pool), each once: the
-- best of each source in turn, in the order identifier, query, word, phrase, title.
--   SELECT * FROM impl.ranked_completions(impl.completion_pool(1, '진공 펌', NULL, NULL, 10, true), '진공 펌', 10);
CREATE OR REPLACE FUNCTION impl.ranked_completions(pool jsonb, typed text, limit_n int)
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
BEGIN
    RETURN QUERY
    WITH named AS (
        SELECT p.*, k.key, position(p.source IN 'iqwpt') AS place
        FROM jsonb_to_recordset(pool) AS p(
            source text, text text, n bigint, initials boolean, lower_bound boolean, ignored text[],
            context boolean)
        CROSS JOIN LATERAL (SELECT impl.completion_key(p.text) AS key) AS k
        -- Keys in tables are cut: what is longer is compared here. Ignored words come from what was typed.
        WHERE p.initials OR k.key ^@ whole
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

COMMENT ON FUNCTION impl.ranked_completions(jsonb, text, int) IS
    'Ranks completions of one reading of what was typed, the best of each source in turn.';
