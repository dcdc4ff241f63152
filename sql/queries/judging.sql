-- Statements for people who judge: the next query, and their judgments.

-- name: next_query
-- The first query behind another that has fewer judgments than wanted; open: how many such there are.
SELECT q.id AS query_id, q.external_id, q.text, q.item, q.picture_id, q.categories, count(*) OVER () AS open
FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
LEFT JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = %(source)s
WHERE s.name = %(query_set)s AND q.id > %(after)s
GROUP BY q.id HAVING count(j.external_id) < %(depth)s
ORDER BY q.id LIMIT 1

-- name: next_again
-- The first query behind another with items that others have judged and that one has not; open: how many.
WITH lacking AS MATERIALIZED (
    SELECT j.query_id, j.external_id
    FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
    JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = %(source)s
    LEFT JOIN eval.vote AS v ON v.query_id = j.query_id AND v.source = j.source
        AND v.external_id = j.external_id AND v.judge = %(judge)s
    WHERE s.name = %(query_set)s AND q.id > %(after)s AND v.judge IS NULL
      AND j.judge IS DISTINCT FROM %(judge)s
)
SELECT q.id AS query_id, q.external_id, q.text, q.item, q.picture_id, q.categories, count(*) OVER () AS open
FROM eval.query AS q
WHERE q.id IN (
    SELECT l.query_id
    FROM impl.known_items(impl.named_collection(%(collection)s), ARRAY(
        SELECT DISTINCT l.external_id FROM lacking AS l)) AS there
    JOIN lacking AS l ON l.external_id = there.external_id)
ORDER BY q.id LIMIT 1

-- name: again
-- The items of it, without what others said.
WITH wanted AS MATERIALIZED (
    SELECT i.id, i.external_id, i.fields, i.metadata
    FROM impl.named_items(impl.named_collection(%(collection)s), ARRAY(
        SELECT j.external_id
        FROM eval.judgment AS j
        LEFT JOIN eval.vote AS v ON v.query_id = j.query_id AND v.source = j.source
            AND v.external_id = j.external_id AND v.judge = %(judge)s
        WHERE j.query_id = %(query_id)s AND j.source = %(source)s AND v.judge IS NULL
          AND j.judge IS DISTINCT FROM %(judge)s)) AS i
    ORDER BY i.id LIMIT %(limit)s
)
SELECT w.id AS item_id, w.external_id, w.fields, w.metadata, coalesce(s.pictures, '[]') AS pictures
FROM wanted AS w
JOIN impl.shown_items(%(collection)s, NULL, (SELECT coalesce(array_agg(o.id), '{}') FROM wanted AS o)) AS s
    ON s.item_id = w.id
ORDER BY w.id

-- name: judged
SELECT j.external_id, j.grade FROM eval.judgment AS j
WHERE j.query_id = %(query_id)s AND j.source = %(source)s

-- name: judge
-- A second judgment replaces the first; of judges with a name each keeps their own vote.
WITH given AS (
    SELECT DISTINCT ON (r.query, r.external_id) r.query, r.external_id, r.grade, r.reason
    FROM unnest(%(queries)s::text[], %(external_ids)s::text[], %(grades)s::int[],
                %(reasons)s::text[]) WITH ORDINALITY AS r(query, external_id, grade, reason, at)
    ORDER BY r.query, r.external_id, r.at DESC
),
known AS (
    SELECT q.id AS query_id, g.external_id, g.grade, g.reason
    FROM given AS g JOIN eval.query AS q ON q.external_id = g.query
    JOIN eval.query_set AS s ON s.id = q.set_id
    WHERE s.name = %(query_set)s
),
voted AS (
    INSERT INTO eval.vote (query_id, source, external_id, judge, grade, reason)
    SELECT k.query_id, %(source)s, k.external_id, %(judge)s, k.grade, k.reason
    FROM known AS k WHERE %(judge)s::text IS NOT NULL
    ON CONFLICT (query_id, source, external_id, judge) DO UPDATE
        SET grade = excluded.grade, reason = excluded.reason, voted_at = now()
),
written AS (
    INSERT INTO eval.judgment (query_id, source, external_id, grade, judge, pool, reason)
    SELECT k.query_id, %(source)s, k.external_id, k.grade, %(judge)s, %(pool)s, k.reason FROM known AS k
    ON CONFLICT (query_id, source, external_id) DO UPDATE
        SET grade = excluded.grade, judge = excluded.judge, pool = excluded.pool, reason = excluded.reason,
            judged_at = now()
    RETURNING query_id
)
SELECT (SELECT count(*) FROM written) AS written,
       ARRAY(SELECT DISTINCT g.query FROM given AS g WHERE NOT EXISTS (
           SELECT FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
           WHERE s.name = %(query_set)s AND q.external_id = g.query) ORDER BY g.query) AS unknown
