-- Pieces of a folded identifier by which its near ones are found: a stretch of seven characters, whole and
-- with up to two of them left out. Numbers that are at most two edits apart share a key of each stretch that
-- both have, one edit apart even one with a single character left out; few others do. The stretches, whose
-- sign the keys begin with:
--   <  the first seven, from 6 characters      >  the last seven      -  the seven before them, from 13
--      characters
-- Of a number that is looked for, `<` is asked from 8 characters and `-` from 15: what is two shorter has
-- them, too.
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
    'Pieces of a folded identifier that its near ones share; NULL for a stretch it has not.';
