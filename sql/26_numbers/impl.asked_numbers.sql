-- Part and serial numbers that a query asks a collection for (impl.identifiers_in), and how each is searched,
-- so that the work is bounded whatever the query contains:
--   known     an item has it; looked up for all numbers
--   part      known, but a part of a longer known number
--   compared  also searched with typing errors and as a prefix: the first 20 candidates. Those of words in
--             no known number come first, then single words, then in the order of the query
--   SELECT * FROM impl.asked_numbers(1, '펌프 NRY-1KH 000 실링');
CREATE OR REPLACE FUNCTION impl.asked_numbers(cid int, query text)
RETURNS TABLE (raw text, normalized text, how text, known boolean, part boolean, compared boolean)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    WITH asked AS MATERIALIZED (
        SELECT a.*, EXISTS (SELECT FROM core.identifier AS d
                            WHERE d.collection_id = cid AND d.normalized = a.normalized
                              AND d.keys <> '{}')
                    OR coalesce(o.known ? a.normalized, false) AS known
        FROM impl.identifiers_in(asked_numbers.query) AS a
        CROSS JOIN (SELECT impl.outside('known') AS known OFFSET 0) AS o
    ),
    explained AS MATERIALIZED (
        SELECT DISTINCT w.no FROM asked AS a
        CROSS JOIN generate_series(a.word_no, a.word_no + a.word_n - 1) AS w(no) WHERE a.known
    )
    SELECT a.raw, a.normalized, a.how, a.known,
           a.known AND coalesce(max(a.word_no + a.word_n) OVER (
               PARTITION BY a.known ORDER BY a.word_no, a.word_n DESC, length(a.normalized) DESC
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) >= a.word_no + a.word_n, false),
           a.how = 'near' AND row_number() OVER (
               PARTITION BY a.how ORDER BY o.explained, a.word_n, a.word_no, length(a.normalized) DESC) <= 20
    FROM asked AS a
    CROSS JOIN LATERAL (
        SELECT bool_and(w.no IN (SELECT e.no FROM explained AS e)) AS explained
        FROM generate_series(a.word_no, a.word_no + a.word_n - 1) AS w(no)
    ) AS o
$$;

COMMENT ON FUNCTION impl.asked_numbers(int, text) IS
    'Numbers that a query asks a collection for: which are known, and which are compared letter by letter.';
