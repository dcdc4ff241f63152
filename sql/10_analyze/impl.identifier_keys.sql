-- Deletion keys of a folded identifier, for a search with typing errors: a stretch of twelve characters,
-- whole and with up to two characters deleted. Two numbers at most two edits apart share a key of each
-- stretch that both have; at one edit they share one with a single deletion. Few others do: a number of up
-- to twelve
-- characters is one stretch. The sign that a key begins with names its stretch:
--   0  the last twelve            1, 2, …  the twelve before them, and so on, where at least eleven are left
--   <  the first twelve, from 13 characters
-- For the number of a query, a stretch is used from two characters more: a number two characters shorter has
-- it, too. No SET: called for each stretch of each number, and SET would cost a tenth.
--   SELECT impl.identifier_keys('NRY1', '0', 1);   -- {0NR1,0NRY,0NRY1,0NY1,0RY1}
CREATE OR REPLACE FUNCTION impl.identifier_keys(normalized text, stretch text, left_out int)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT array_agg(DISTINCT stretch || k.key)
    FROM (
        SELECT CASE WHEN stretch = '<' THEN CASE WHEN length(normalized) >= 13 THEN left(normalized, 12) END
                    WHEN stretch = '0' THEN right(normalized, 12)
                    WHEN length(normalized) >= 12 * stretch::int + 11
                        THEN right(left(normalized, -12 * stretch::int), 12) END AS text
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
