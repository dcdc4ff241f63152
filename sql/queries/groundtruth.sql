-- Statements that create judgments: texts and pictures to judge by, pools, and results.

-- name: tokens
-- Tokens of every item of a collection, by the analyzer of its index.
SELECT i.external_id, search.analyze(x.analyzer,
                                     coalesce(impl.query_text_of(i, %(item_fields)s, x.field_weights),
                                              '')) AS tokens
FROM impl.named_index(impl.named_collection(%(collection)s)) AS x
CROSS JOIN LATERAL impl.items_of(x.collection_id) AS i ORDER BY i.id

-- name: query_tokens
SELECT q.external_id, search.analyze(x.analyzer, q.text) AS tokens
FROM impl.named_index(impl.named_collection(%(collection)s)) AS x CROSS JOIN eval.query AS q
WHERE q.set_id = impl.query_set_id(%(query_set)s) AND q.text IS NOT NULL ORDER BY q.id

-- name: pooled
-- Items among the first k of some run, with the runs that list them there.
SELECT q.external_id AS query, e.id AS external_id, array_agg(a.run_id ORDER BY a.run_id) AS runs
FROM eval.run_query AS a JOIN eval.run AS r ON r.id = a.run_id JOIN eval.query AS q ON q.id = a.query_id
CROSS JOIN LATERAL unnest(a.external_ids[: least(%(depth)s, r.k)]) AS e(id)
WHERE r.id = ANY (%(runs)s) GROUP BY q.id, q.external_id, e.id ORDER BY q.id, e.id COLLATE "C"

-- name: judged
SELECT q.external_id AS query, j.external_id, j.grade, j.judge, j.pool, j.reason
FROM eval.judgment AS j JOIN eval.query AS q ON q.id = j.query_id
WHERE q.set_id = impl.query_set_id(%(query_set)s) AND j.source = %(source)s
ORDER BY q.id, j.external_id COLLATE "C"

-- name: put
INSERT INTO eval.judgment (query_id, source, external_id, grade, judge, pool, reason)
SELECT q.id, %(source)s, %(external_id)s, %(grade)s, %(judge)s, %(pool)s, %(reason)s
FROM eval.query AS q WHERE q.set_id = impl.query_set_id(%(query_set)s) AND q.external_id = %(query)s
ON CONFLICT (query_id, source, external_id) DO UPDATE
    SET grade = excluded.grade, judge = excluded.judge, pool = excluded.pool, reason = excluded.reason,
        judged_at = now()
RETURNING 1 AS n

-- name: drop
WITH gone AS (
    DELETE FROM eval.judgment AS j USING eval.query AS q
    WHERE q.id = j.query_id AND q.set_id = impl.query_set_id(%(query_set)s) AND j.source = %(source)s
    RETURNING 1
)
SELECT count(*) AS n FROM gone

-- name: intersect
-- Items that two sources both judge relevant, with the lower of the two grades.
WITH given AS (
    SELECT s.id, impl.judgment_source(s.id, %(first)s) AS first,
           impl.judgment_source(s.id, %(second)s) AS second
    FROM impl.query_set_id(%(query_set)s) AS s(id)
),
written AS (
    INSERT INTO eval.judgment (query_id, source, external_id, grade, judge)
    SELECT a.query_id, %(source)s, a.external_id, least(a.grade, b.grade),
           'both of ' || a.source || ' and ' || b.source
    FROM given AS g JOIN eval.query AS q ON q.set_id = g.id
    JOIN eval.judgment AS a ON a.query_id = q.id AND a.source = g.first AND a.grade > 0
    JOIN eval.judgment AS b ON b.query_id = q.id AND b.source = g.second AND b.external_id = a.external_id
        AND b.grade > 0
    RETURNING 1
)
SELECT count(*) AS n FROM written

-- name: first_pictures
SELECT f.external_id, f.picture_id
FROM impl.first_pictures(impl.named_collection(%(collection)s), %(external_ids)s) AS f

-- name: leaks
-- Queries whose words are those of an item: their author had seen the answer.
SELECT q.external_id AS query, i.external_id
FROM eval.query AS q
JOIN impl.items_of(impl.named_collection(%(collection)s)) AS i ON i.external_id IS DISTINCT FROM q.item
JOIN LATERAL jsonb_each_text(i.fields) AS f ON impl.fold_text(f.value) = impl.fold_text(q.text)
WHERE q.set_id = impl.query_set_id(%(query_set)s) ORDER BY q.id, i.id
