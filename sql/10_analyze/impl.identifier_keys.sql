-- Deletion keys of a folded identifier, for a search with typing errors: a stretch of seven characters, whole
-- and with up to two characters deleted. Two numbers at most two edits apart share a key of each stretch that
-- both have; at one edit they share one with a single deletion. Few others do. The sign that a key begins
-- with names its stretch:
--   <  the first seven, from 6 characters          >  the last seven
--   -  the seven before them, from 13 characters
-- For the number of a query, `<` is used from 8 characters and `-` from 15: a number two characters shorter
-- has these stretches, too. No SET: called for each stretch of each number, and SET would cost a tenth.
--   SELECT impl.identifier_keys('NRY1', '>', 1);   -- {>NR1,>NRY,>NRY1,>NY1,>RY1}
CREATE OR REPLACE FUNCTION impl.identifier_keys(normalized text, stretch text, left_out int)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT stretch || k.key)
    FROM (
        SELECT CASE stretch WHEN '>' THEN right(normalized, 7)
                            WHEN '<' THEN CASE WHEN length(normalized) >= 6 THEN left(normalized, 7) END
                            ELSE CASE WHEN length(normalized) >= 13
                                      THEN right(left(normalized, -7), 7) END END AS text
        OFFSET 0
    ) AS s
    CROSS JOIN LATERAL (
        SELECT s.text AS key
        UNION ALL
        SELECT left(s.text, i - 1) || substr(s.text, i + 1)
        FROM generate_series(1, length(s.text)) AS i WHERE left_out >= 1
        UNION ALL
        SELECT left(s.text, i - 1) || substr(s.text, i + 1, j - i - 1) || substr(s.text, j + 1)
        FROM generate_series(1, length(s.text)) AS i CROSS JOIN generate_series(i + 1, length(s.text)) AS j
        WHERE left_out >= 2
    ) AS k
    WHERE k.key IS NOT NULL
$$;

COMMENT ON FUNCTION impl.identifier_keys(text, text, int) IS
    'Deletion keys of a stretch of a folded identifier; NULL where it is too short for the stretch.';
