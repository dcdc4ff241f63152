-- Statements of the evaluation jobs: query sets and judgments in and out, and the inputs of a run.

-- name: run
SELECT * FROM eval.runs WHERE run_id = (impl.evaluation_run(%(run_id)s)).id

-- name: runs
SELECT * FROM eval.runs
WHERE %(query_set)s::text IS NULL OR query_set = %(query_set)s ORDER BY run_id

-- name: run_metrics
-- The finished runs of a set beside each other.
SELECT m.* FROM eval.run_metrics AS m JOIN eval.run AS r ON r.id = m.run_id
WHERE m.query_set = %(query_set)s AND m.source = %(source)s AND m.measure = ANY (%(measures)s)
  AND r.finished_at IS NOT NULL
ORDER BY m.run_id

-- name: sources
SELECT * FROM eval.sources ORDER BY query_set, source

-- name: drop_run
DELETE FROM eval.run WHERE id = %(run_id)s RETURNING 1 AS n

-- name: drop_set
DELETE FROM eval.query_set WHERE name = %(query_set)s RETURNING 1 AS n

-- name: put_set
INSERT INTO eval.query_set AS s (name, about) VALUES (%(name)s, %(about)s)
ON CONFLICT (name) DO UPDATE SET about = CASE WHEN excluded.about = '' THEN s.about ELSE excluded.about END
RETURNING s.id

-- name: put_queries
-- Existing queries keep their id, and so their judgments and answers.
WITH given AS (
    SELECT r.* FROM jsonb_to_recordset(%(rows)s)
        AS r(external_id text, text text, item text, picture_id bigint, categories text[])
),
written AS (
    INSERT INTO eval.query AS q (set_id, external_id, text, item, picture_id, categories)
    SELECT %(set_id)s, g.external_id, g.text, g.item, g.picture_id, coalesce(g.categories, '{}')
    FROM given AS g
    ON CONFLICT (set_id, external_id) DO UPDATE
        SET text = excluded.text, item = excluded.item, picture_id = excluded.picture_id,
            categories = excluded.categories
        WHERE (q.text, q.item, q.picture_id, q.categories) IS DISTINCT FROM (excluded.text, excluded.item,
            excluded.picture_id, excluded.categories)
    RETURNING xmax = 0 AS fresh
)
SELECT count(*) FILTER (WHERE w.fresh) AS inserted, count(*) FILTER (WHERE NOT w.fresh) AS updated
FROM written AS w

-- name: drop_judgments
WITH gone AS (
    DELETE FROM eval.judgment AS j USING eval.query AS q
    WHERE q.id = j.query_id AND q.set_id = %(set_id)s AND j.source = %(source)s RETURNING 1
)
SELECT count(*) AS n FROM gone

-- name: put_judgments
WITH written AS (
    INSERT INTO eval.judgment (query_id, source, external_id, grade, judge, pool)
    SELECT q.id, %(source)s, r.external_id, r.grade, %(judge)s, %(pool)s
    FROM unnest(%(queries)s::text[], %(external_ids)s::text[],
                %(grades)s::int[]) AS r(query, external_id, grade)
    JOIN eval.query AS q ON q.set_id = %(set_id)s AND q.external_id = r.query
    RETURNING 1
)
SELECT count(*) AS n FROM written

-- name: queries
SELECT q.id AS query_id, q.external_id, q.text, q.item, q.picture_id, q.categories
FROM eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id WHERE s.name = %(query_set)s ORDER BY q.id

-- name: judgments
-- The source is looked up once: it counts the judgments of the set.
WITH chosen AS MATERIALIZED (
    SELECT s.id, impl.judgment_source(s.id, %(source)s) AS source FROM eval.query_set AS s
    WHERE s.name = %(query_set)s
)
SELECT q.external_id AS query, j.external_id, j.grade, j.reason
FROM chosen AS c JOIN eval.query AS q ON q.set_id = c.id
JOIN eval.judgment AS j ON j.query_id = q.id AND j.source = c.source
ORDER BY q.id, j.grade DESC, j.external_id COLLATE "C"

-- name: rankings
SELECT a.query_id, q.external_id AS query, a.external_ids[: r.k] AS external_ids, a.scores[: r.k] AS scores
FROM eval.run_query AS a JOIN eval.run AS r ON r.id = a.run_id JOIN eval.query AS q ON q.id = a.query_id
WHERE r.id = %(run_id)s ORDER BY q.id

-- name: cut
-- Runs that store more than their k items per query: measures without a depth ignore the rest.
SELECT r.id AS run_id, r.k FROM eval.run AS r
WHERE r.id = ANY (%(run_ids)s)
  AND EXISTS (SELECT FROM eval.run_query AS a WHERE a.run_id = r.id AND cardinality(a.external_ids) > r.k)

-- name: vectors_wanted
-- Vectors that a run lacks: those of pictures, and those of texts that are not encoded yet.
SELECT DISTINCT q.id AS query_id, l.space
FROM eval.run AS r
JOIN eval.query AS q ON q.set_id = r.set_id
CROSS JOIN LATERAL jsonb_to_recordset(r.legs) AS l(kind text, space text)
CROSS JOIN LATERAL impl.live_space(l.space) AS s
WHERE l.kind = 'vector' AND r.id = %(run_id)s AND CASE
    WHEN q.picture_id IS NOT NULL AND s.modality <> 'text' THEN true
    ELSE q.text IS NOT NULL AND s.modality <> 'image' AND impl.query_vector(s.id, q.text) IS NULL END
ORDER BY q.id, l.space

-- name: refuse
INSERT INTO eval.run_query (run_id, query_id, external_ids, scores, error)
VALUES (%(run_id)s, %(query_id)s, '{}', '{}', %(error)s)
RETURNING 1 AS n

-- name: refused
SELECT q.external_id AS query, a.error FROM eval.run_query AS a JOIN eval.query AS q ON q.id = a.query_id
WHERE a.run_id = %(run_id)s AND a.error IS NOT NULL ORDER BY q.id

-- name: titles
-- Short titles, by which a person recognises an item.
SELECT i.external_id,
       left(regexp_replace(coalesce(i.fields ->> 'title', i.fields ->> 'name', i.fields ->> 'question',
           (SELECT f.value FROM jsonb_each_text(i.fields) AS f ORDER BY f.key LIMIT 1), ''), '\s+', ' ', 'g'),
           %(chars)s) AS title
FROM core.collection AS c CROSS JOIN LATERAL impl.named_items(c.id, %(external_ids)s::text[]) AS i
WHERE c.name = %(collection)s

-- name: unknown_items
-- In the order of the arguments.
SELECT e.id AS external_id, '' AS title FROM unnest(%(external_ids)s::text[]) WITH ORDINALITY AS e(id, at)
WHERE e.id NOT IN (
    SELECT i.external_id FROM core.collection AS c
    CROSS JOIN LATERAL impl.known_items(c.id, %(external_ids)s::text[]) AS i
    WHERE c.name = %(collection)s OR %(collection)s::text IS NULL)
ORDER BY e.at

-- name: judgment_source
SELECT impl.judgment_source(impl.query_set_id(%(query_set)s), %(source)s) AS name

-- name: corpus
SELECT i.external_id, i.fields || i.picture_fields AS fields
FROM core.collection AS c CROSS JOIN LATERAL impl.items_of(c.id) AS i WHERE c.name = %(collection)s
ORDER BY i.id

-- name: use_reranker
-- The answers of a run are reranked: by which model, as it is in use.
UPDATE eval.run AS r SET settings = r.settings || jsonb_build_object('reranker', %(reranker)s::jsonb)
WHERE r.id = %(run_id)s RETURNING 1 AS n

-- name: answer_head
-- The first items of an answer, to be reranked.
SELECT a.external_ids[: %(top_n)s::int] AS external_ids, a.scores[: %(top_n)s::int] AS scores
FROM eval.run_query AS a WHERE a.run_id = %(run_id)s AND a.query_id = %(query_id)s
