-- Splits a text into words for search.highlight, at spaces. A word longer than 40 characters (Japanese, text
-- without spaces, tables, base64) comes in pieces: runs of letters and digits up to 64 characters, runs of
-- Hangul, Han and kana up to 10, and the characters between them. `glued`: the next piece belongs to the same
-- word.
--   SELECT * FROM impl.shown_words('a pump, ' || repeat('真空ポンプ', 10));
CREATE OR REPLACE FUNCTION impl.shown_words(raw text)
RETURNS TABLE (word text, at bigint, glued boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 300
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    long_n CONSTANT int := 40;
    pieces CONSTANT text := E'[\u1100-\u11FF\u2E80-\uFAFF\uFF66-\uFFDC]{1,10}'
        '|[0-9A-Za-z\u00AA-\u10FF\u1200-\u1FFF\u200B-\u200F'
        '\u2060-\u206F\uFE00-\uFE0F\uFEFF\uFF10-\uFF5A]{1,64}'
        '|[^0-9A-Za-z\u00AA-\u1FFF\u200B-\u200F\u2060-\u206F'
        '\u2E80-\uFAFF\uFE00-\uFE0F\uFEFF\uFF10-\uFFDC]{1,10}';
BEGIN
    RETURN QUERY
    SELECT p.piece, row_number() OVER (ORDER BY w.no, p.no), coalesce(p.glued, false)
    FROM string_to_table(impl.spaced(raw), ' ') WITH ORDINALITY AS w(word, no)
    CROSS JOIN LATERAL (
        SELECT w.word AS piece, 0::bigint AS no, false AS glued WHERE length(w.word) BETWEEN 1 AND long_n
        UNION ALL
        SELECT m.hit[1], m.no, lead(true) OVER (ORDER BY m.no)
        FROM regexp_matches(w.word COLLATE "C", pieces, 'g') WITH ORDINALITY AS m(hit, no)
        WHERE length(w.word) > long_n
    ) AS p;
END $$;

COMMENT ON FUNCTION impl.shown_words(text) IS 'Splits a text into words, long ones in pieces.';
