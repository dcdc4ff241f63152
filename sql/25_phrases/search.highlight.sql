-- Highlights the words of a query in an item: per matching field its best passage of about word_n words, the
-- matching words marked. Words are separated by spaces (long ones are split: impl.shown_words). A word
-- matches when it shares a token with the query, so the whole Korean word around a matching bigram is marked.
-- Synonyms are marked as well. With html, the text is escaped before it is marked. Fields with most hits
-- first, then by name.
-- The work is bounded: per field the first 50 stretches (impl.stretches) with a possible match are read,
-- about 40,000 characters, and only possible matches in them are analysed; of the query the first 100 tokens.
--   SELECT * FROM search.highlight('parts', '진공 펌프', (SELECT item_id
--       FROM search.lexical('parts', '진공 펌프', 1)));
CREATE OR REPLACE FUNCTION search.highlight(
    collection text,
    query text,
    item_id bigint,
    word_n int DEFAULT 30,
    start_mark text DEFAULT '<mark>',
    stop_mark text DEFAULT '</mark>',
    html boolean DEFAULT false)
RETURNS TABLE (field text, snippet text, hits int)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 3
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    x core.lexical_index := impl.named_index(cid);
    wanted CONSTANT text[] := ARRAY(
        SELECT t.token
        FROM unnest(impl.with_synonyms(x, search.analyze(x.analyzer, query))) WITH ORDINALITY AS u(term, at)
        CROSS JOIN LATERAL impl.term_parts(u.term) AS p
        CROSS JOIN LATERAL string_to_table(p.tokens, '  ') AS t(token)
        ORDER BY u.at LIMIT 100);
    -- A stem is its word without the end, whose last letter may differ (happi); of die it is dying. No token
    -- has % or _.
    probes CONSTANT text[] := ARRAY(
        SELECT DISTINCT '%' || CASE WHEN w !~ '^[a-z]+$' THEN w
                                    WHEN w IN ('die', 'lie', 'tie') THEN left(w, 1)
                                    ELSE left(w, greatest(length(w) - 1, 1)) END || '%'
        FROM unnest(wanted) AS w);
BEGIN
    PERFORM impl.at_least('word_n', word_n, 1);
    RETURN QUERY
    WITH stretch AS MATERIALIZED (
        SELECT t.key AS field, s.no, s.stretch, s.glued, count(*) OVER (PARTITION BY t.key) AS last_no
        FROM impl.item_rows(ARRAY[highlight.item_id]) AS i
        CROSS JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS t
        CROSS JOIN LATERAL impl.stretches(t.value) AS s
        WHERE i.collection_id = x.collection_id AND wanted <> '{}'
    ),
    likely AS MATERIALIZED (
        SELECT l.field, l.no, l.plain
        FROM (
            SELECT f.field, f.no, f.folded = lower(f.text) AS plain,
                   row_number() OVER (PARTITION BY f.field ORDER BY f.no) AS place
            FROM (
                SELECT s.field, s.no, s.text, impl.fold_words(x.analyzer, s.text) AS folded
                FROM (
                    SELECT o.field, o.no, concat(o.stretch, CASE WHEN o.glued THEN
                        left(lead(o.stretch) OVER (PARTITION BY o.field ORDER BY o.no), 2) END) AS text
                    FROM stretch AS o) AS s OFFSET 0
            ) AS f
            WHERE replace(f.folded, ',', '') LIKE ANY (probes)
        ) AS l
        WHERE l.place <= 50
    ),
    -- With those before and behind, into which a passage may reach. Numbered through, with a gap where some
    -- are left out.
    word AS MATERIALIZED (
        SELECT c.field, c.no, l.plain, w.word, w.glued OR c.glued
               AND lead(w.at) OVER (PARTITION BY c.field, c.no ORDER BY w.at) IS NULL AS glued,
               row_number() OVER (PARTITION BY c.field ORDER BY c.no, w.at)
               + (word_n + 10) * (c.no - dense_rank() OVER (PARTITION BY c.field ORDER BY c.no)) AS at,
               c.no = 1 AND w.at = 1 AS begins,
               c.no = c.last_no AND lead(w.at) OVER (PARTITION BY c.field, c.no ORDER BY w.at) IS NULL AS ends
        FROM stretch AS c
        LEFT JOIN likely AS l ON l.field = c.field AND l.no = c.no
        CROSS JOIN LATERAL impl.shown_words(c.stretch) AS w
        WHERE EXISTS (SELECT FROM likely AS n WHERE n.field = c.field AND n.no BETWEEN c.no - 1 AND c.no + 1)
    ),
    -- A piece with the letters that it touches, which may make a token of both.
    touching AS (
        SELECT w.field, w.at, w.plain,
               concat(CASE WHEN lag(w.glued) OVER o THEN right(lag(w.word) OVER o, 1) END, w.word,
                                              CASE WHEN w.glued THEN left(lead(w.word) OVER o, 1) END) AS word
        FROM word AS w WINDOW o AS (PARTITION BY w.field ORDER BY w.at)
    ),
    matching AS (
        SELECT d.word
        FROM (
            SELECT DISTINCT t.word FROM touching AS t
            WHERE t.plain IS NOT NULL
              AND replace(CASE WHEN t.plain THEN lower(t.word)
                               ELSE impl.fold_words(x.analyzer, t.word) END, ',', '')
                  LIKE ANY (probes)
            OFFSET 0
        ) AS d
        WHERE search.analyze(x.analyzer, d.word) && wanted
    ),
    hit AS MATERIALIZED (
        SELECT t.field, t.at FROM touching AS t
        WHERE t.plain IS NOT NULL AND t.word IN (SELECT m.word FROM matching AS m)
    ),
    passage AS (
        -- The first passage with most hits; it begins a few words before its first hit.
        SELECT DISTINCT ON (h.field) h.field, h.at - word_n / 5 AS first, h.all_n
        FROM (
            SELECT o.field, o.at, count(*) OVER (PARTITION BY o.field) AS all_n,
                   count(*) OVER (PARTITION BY o.field ORDER BY o.at
                                  RANGE BETWEEN CURRENT ROW AND (word_n - 1 - word_n / 5) FOLLOWING) AS ahead
            FROM hit AS o
        ) AS h
        ORDER BY h.field, h.ahead DESC, h.at
    )
    SELECT p.field,
           CASE WHEN bool_or(w.begins) THEN '' ELSE '… ' END
           || rtrim(string_agg(CASE WHEN h.at IS NULL THEN o.shown ELSE start_mark || o.shown || stop_mark END
                               || CASE WHEN w.glued THEN '' ELSE ' ' END, '' ORDER BY w.at))
           || CASE WHEN bool_or(w.ends) THEN '' ELSE ' …' END,
           p.all_n::int AS hits
    FROM passage AS p
    JOIN word AS w ON w.field = p.field
         AND w.at >= greatest(p.first, 1) AND w.at < greatest(p.first, 1) + word_n
    LEFT JOIN hit AS h ON h.field = w.field AND h.at = w.at
    CROSS JOIN LATERAL (
        SELECT CASE WHEN html THEN
            replace(replace(replace(replace(w.word, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;')
            ELSE w.word END AS shown
    ) AS o
    GROUP BY p.field, p.first, p.all_n
    ORDER BY hits DESC, p.field;
END $$;

COMMENT ON FUNCTION search.highlight(text, text, bigint, int, text, text, boolean) IS
    'Best passage per matching field of an item, with the words that match the query marked; works for '
    'Korean.';
