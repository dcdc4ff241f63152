-- Statements for people who judge: the next query, and their judgments.

-- name: next_query
-- The first query behind another that has fewer judgments than wanted; open: how many such there are.
SELECT q.id AS query_id, q.external_id, q.text, q.item, q.picture_id, q.categories, count(*) OVER () AS open
FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
LEFT JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = %(source)s
WHERE s.name = %(query_set)s AND q.id > %(after)s
GROUP BY q.id HAVING count(j.external_id) < %(depth)s
ORDER BY q.id LIMIT 1

-- name: judged
SELECT j.external_id, j.grade FROM eval.judgment AS j
WHERE j.query_id = %(query_id)s AND j.source = %(source)s

-- name: judge
-- A second judgment replaces the first.
WITH given AS (
    SELECT DISTINCT ON (r.query, r.external_id) r.query, r.external_id, r.grade
    FROM unnest(%(queries)s::text[], %(external_ids)s::text[],
                %(grades)s::int[]) WITH ORDINALITY AS r(query, external_id, grade, at)
    ORDER BY r.query, r.external_id, r.at DESC
),
written AS (
    INSERT INTO eval.judgment (query_id, source, external_id, grade, judge, pool)
    SELECT q.id, %(source)s, g.external_id, g.grade, %(judge)s, %(pool)s
    FROM given AS g JOIN eval.query AS q ON q.external_id = g.query
    JOIN eval.query_set AS s ON s.id = q.set_id
    WHERE s.name = %(query_set)s
    ON CONFLICT (query_id, source, external_id) DO UPDATE
        SET grade = excluded.grade, judge = excluded.judge, pool = excluded.pool, judged_at = now()
    RETURNING query_id
)
SELECT (SELECT count(*) FROM written) AS written,
       ARRAY(SELECT DISTINCT g.query FROM given AS g WHERE NOT EXISTS (
           SELECT FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
           WHERE s.name = %(query_set)s AND q.external_id = g.query) ORDER BY g.query) AS unknown
