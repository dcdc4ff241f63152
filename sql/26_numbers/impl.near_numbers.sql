-- Numbers of a collection within one or two edits (impl.edit_distance) of the numbers asked for: one edit is
-- allowed from 5 characters, two from 8. Candidates share a deletion key of each stretch
-- (impl.identifier_keys), as all numbers so near do; up to fourteen characters, hardly any others. At most
-- 10,000 are compared letter by letter, an equal share for each number asked for, those that may be one edit
-- away first; of the others, those of the same length first.
--   SELECT * FROM impl.near_numbers(1, '{TMP34083}');
CREATE OR REPLACE FUNCTION impl.near_numbers(cid int, asked text[])
RETURNS TABLE (asked text, normalized text, edits int)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH probe AS MATERIALIZED (
        SELECT a.text, length(a.text) AS n, edits, impl.identifier_keys(a.text, '0', edits) AS last,
               CASE WHEN length(a.text) >= 15 THEN impl.identifier_keys(a.text, '<', edits) END AS first,
               CASE WHEN length(a.text) >= 25 THEN impl.identifier_keys(a.text, '1', edits) END AS second,
               CASE WHEN length(a.text) >= 37 THEN impl.identifier_keys(a.text, '2', edits) END AS third,
               CASE WHEN length(a.text) >= 49 THEN impl.identifier_keys(a.text, '3', edits) END AS fourth
        FROM unnest(near_numbers.asked) AS a(text)
        CROSS JOIN generate_series(1, CASE WHEN length(a.text) >= 8 THEN 2
                                           WHEN length(a.text) >= 5 THEN 1 ELSE 0 END) AS edits
    ),
    candidate AS MATERIALIZED (
        SELECT c.* FROM (
            SELECT p.text, d.normalized, min(p.edits) AS edits, max(p.edits) AS most,
                   row_number() OVER (PARTITION BY p.text ORDER BY min(p.edits),
                                      abs(length(d.normalized) - p.n), d.normalized) AS place
            FROM probe AS p
            CROSS JOIN LATERAL (
                SELECT d.normalized FROM core.identifier AS d
                WHERE p.n < 15 AND d.collection_id = cid AND d.keys && p.last
                UNION ALL
                SELECT d.normalized FROM core.identifier AS d
                WHERE p.n BETWEEN 15 AND 24 AND d.collection_id = cid AND d.keys && p.last
                  AND d.keys && p.first
                UNION ALL
                SELECT d.normalized FROM core.identifier AS d
                WHERE p.n >= 25 AND d.collection_id = cid AND d.keys && p.last AND d.keys && p.first
                  AND d.keys && p.second AND d.keys && coalesce(p.third, p.second)
                  AND d.keys && coalesce(p.fourth, p.second)
            ) AS d
            WHERE abs(length(d.normalized) - p.n) <= p.edits AND d.normalized <> p.text
            GROUP BY p.text, p.n, d.normalized
        ) AS c
        WHERE c.place <= 10000 / greatest(cardinality(near_numbers.asked), 1)
    )
    SELECT c.text, c.normalized, e.edits
    FROM candidate AS c
    CROSS JOIN LATERAL (SELECT impl.edit_distance(c.text, c.normalized, c.most) AS edits OFFSET 0) AS e
    WHERE e.edits <= c.most
$$;

COMMENT ON FUNCTION impl.near_numbers(int, text[]) IS
    'Numbers of a collection within one or two edits of the numbers asked for.';
