-- Splits a text into sentences, in their order: at line ends, at . ! ? … before a space, at 。！？ anywhere. No
-- sentence ends at a number or a single letter (2020. 1. 1., 가., e.g.), nor before a small letter or a digit
-- behind a Latin word (Fig. 3, approx. 5). One of more than 400 characters is cut at a space. `start` counts
-- characters from 1.
--   SELECT s.* FROM impl.sentences('펌프를 끈다. 밸브를 잠근다! See Fig. 3 first. Then open.') AS s;
CREATE OR REPLACE FUNCTION impl.sentences(body text)
RETURNS TABLE (sentence_no int, start int, content text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
    WITH piece AS (
        SELECT p.piece, p.at, p.cut,
               1 + coalesce(sum(length(p.piece)) OVER (
                   ORDER BY p.at, p.cut ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS start
        FROM (
            SELECT c.piece, w.at, c.cut
            FROM string_to_table(regexp_replace(
                translate(body, E'\x1f', ' '),
                E'(\\n[[:space:]]*|[。！？]'
                || E'|(?<=[^0-9A-Za-z[:space:]]{2}|[^0-9A-Za-z가-힣[:space:]])[.!?…]+["\'”’)\\]」』]*[[:space:]]+'
                || E'|(?<=[A-Za-z]{2})[.!?…]+["\'”’)\\]]*[[:space:]]+(?=[^a-z0-9[:space:]]))',
                E'\\1\x1f', 'g'), E'\x1f') WITH ORDINALITY AS w(whole, at)
            CROSS JOIN LATERAL string_to_table(
                CASE WHEN length(w.whole) <= 400 THEN w.whole
                     ELSE regexp_replace(w.whole, '((?:.{100}){1,3}.{0,99}[[:space:]]|(?:.{100}){4})',
                                         E'\\1\x1f', 'g') END,
                E'\x1f') WITH ORDINALITY AS c(piece, cut)
        ) AS p
    )
    SELECT row_number() OVER (ORDER BY p.at, p.cut)::int,
           (p.start + length(p.piece) - length(ltrim(p.piece, E' \t\r\n')))::int, btrim(p.piece, E' \t\r\n')
    FROM piece AS p WHERE p.piece ~ '[[:alnum:]]'
    ORDER BY p.at, p.cut
$$;

COMMENT ON FUNCTION impl.sentences(text) IS 'Sentences of a text, with their places; Korean and English.';
