-- Statements of tuning: the lists of a run, fusion profiles, decisions, rerankers.

-- name: decisions
SELECT * FROM eval.decisions
WHERE %(collection)s::text IS NULL OR collection = %(collection)s ORDER BY decision_id DESC

-- name: answers
SELECT q.external_id AS query, a.external_ids, ARRAY(
           SELECT i.id FROM unnest(a.external_ids) WITH ORDINALITY AS e(id, at)
           LEFT JOIN core.item AS i ON i.collection_id = r.collection_id AND i.external_id = e.id
           ORDER BY e.at) AS item_ids
FROM eval.run AS r JOIN eval.run_query AS a ON a.run_id = r.id JOIN eval.query AS q ON q.id = a.query_id
WHERE r.id = %(run_id)s ORDER BY q.id

-- name: leg_lists
-- Legs in the order in which search.hybrid adds them up.
SELECT q.external_id AS query, l.leg, l.ranks, l.scores, l.low, l.high, l.deviation
FROM eval.run_leg AS l JOIN eval.query AS q ON q.id = l.query_id WHERE l.run_id = %(run_id)s
ORDER BY l.leg, q.id

-- name: source
SELECT impl.judgment_source(impl.query_set_id(%(query_set)s), %(source)s) AS source

-- name: live_fusion
SELECT coalesce(f.use_profile, 'reciprocal ranks') AS name, f.use_method AS method,
       f.use_normalization AS normalization,
       f.use_k_rrf AS k_rrf, f.weights, f.model
FROM impl.fusion(%(collection)s, %(query_kind)s, NULL, NULL, NULL, NULL) AS f

-- name: kinds
-- Kind of each query of a run, and whether it has an active profile of its own.
SELECT q.external_id AS query, k.kind, EXISTS (
           SELECT FROM eval.profile AS p
           WHERE p.collection_id = r.collection_id AND p.active AND p.query_kind = k.kind) AS routed
FROM eval.run AS r JOIN eval.query AS q ON q.set_id = r.set_id
LEFT JOIN core.item AS i ON i.collection_id = r.collection_id AND i.external_id = q.item
CROSS JOIN LATERAL (SELECT search.query_kind(coalesce(q.text, impl.item_words(
    i.id, r.settings -> 'item_fields', r.settings #> '{lexical,field_weights}'))) AS kind) AS k
WHERE r.id = %(run_id)s

-- name: retire_profile
UPDATE eval.profile AS p SET active = false
WHERE p.collection_id = impl.collection_id(%(collection)s) AND p.active
    AND p.query_kind IS NOT DISTINCT FROM %(query_kind)s::text RETURNING p.id

-- name: put_profile
INSERT INTO eval.profile (collection_id, name, active, method, normalization, k_rrf, weights, model,
                          query_kind, note)
VALUES (impl.collection_id(%(collection)s), %(name)s, true, %(method)s, %(normalization)s, %(k_rrf)s,
        %(weights)s, %(model)s, %(query_kind)s, %(note)s)
RETURNING id

-- name: put_decision
INSERT INTO eval.decision (collection_id, kind, run_id, source, measure, candidate, activated, reason,
                           figures)
VALUES (impl.collection_id(%(collection)s), %(kind)s, %(run_id)s, %(source)s, %(measure)s, %(candidate)s,
        %(activated)s, %(reason)s, %(figures)s)
RETURNING id

-- name: item_texts
SELECT i.external_id, impl.item_words(i.id, %(item_fields)s, x.field_weights) AS text
FROM core.item AS i JOIN core.lexical_index AS x ON x.id = (impl.live_index(%(collection)s)).id
WHERE i.collection_id = impl.collection_id(%(collection)s) AND i.external_id = ANY (%(external_ids)s)

-- name: put_reranker
INSERT INTO eval.reranker AS r (collection_id, decision_id, model, revision, top_n, blend, threshold)
VALUES (impl.collection_id(%(collection)s), %(decision_id)s, %(model)s, %(revision)s, %(top_n)s, %(blend)s,
        %(threshold)s)
ON CONFLICT (collection_id) DO UPDATE SET decision_id = excluded.decision_id, model = excluded.model,
    revision = excluded.revision,
    top_n = excluded.top_n, blend = excluded.blend, threshold = excluded.threshold
RETURNING 1 AS n

-- name: drop_reranker
DELETE FROM eval.reranker WHERE collection_id = impl.collection_id(%(collection)s) AND model = %(model)s
RETURNING 1 AS n

-- name: reranker
SELECT r.model, r.revision, r.top_n, r.blend, r.threshold FROM eval.reranker AS r
WHERE r.collection_id = impl.collection_id(%(collection)s)

-- name: live_index
SELECT x.k1, x.b, x.field_weights, x.analyzer FROM core.lexical_index AS x
WHERE x.id = (impl.live_index(%(collection)s)).id

-- name: words
-- Words of the lexical leg of a run: the text of a query, else the fields of its item, each by itself. The
-- analyzer works line by line, so fields joined by line breaks have the same tokens.
SELECT q.external_id AS query, i.id AS own_id, f.key AS field,
       search.analyze(r.settings #>> '{lexical,analyzer}', coalesce(q.text, f.value)) AS tokens
FROM eval.run AS r
JOIN eval.query AS q ON q.set_id = r.set_id
LEFT JOIN core.item AS i ON i.collection_id = r.collection_id AND i.external_id = q.item
LEFT JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS f ON q.text IS NULL
    AND (jsonb_typeof(r.settings -> 'item_fields') IS DISTINCT FROM 'array'
         OR r.settings -> 'item_fields' ? f.key)
WHERE r.id = %(run_id)s ORDER BY q.id, f.key

-- name: field_terms
-- Fields of the next items after an id: number of tokens, and the frequency of given words in them; words by
-- their place in the array, from 1.
WITH field AS MATERIALIZED (
    SELECT i.id AS item_id, i.external_id, f.key AS field, search.analyze(%(analyzer)s, f.value) AS tokens
    FROM (SELECT * FROM core.item AS o
          WHERE o.collection_id = impl.collection_id(%(collection)s) AND o.id > %(after_id)s
          ORDER BY o.id LIMIT %(batch_n)s) AS i
    LEFT JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS f ON true
),
term AS (
    SELECT f.item_id, f.field, w.at, count(*) AS n
    FROM field AS f CROSS JOIN LATERAL unnest(f.tokens) AS t(lexeme)
    JOIN unnest(%(words)s::text[]) WITH ORDINALITY AS w(lexeme, at)
        ON w.lexeme COLLATE "C" = t.lexeme COLLATE "C"
    GROUP BY f.item_id, f.field, w.at
)
SELECT f.item_id, f.external_id, f.field, coalesce(cardinality(f.tokens), 0) AS length,
       coalesce(array_agg(t.at::int) FILTER (WHERE t.at IS NOT NULL), '{}') AS terms,
       coalesce(array_agg(t.n::int) FILTER (WHERE t.at IS NOT NULL), '{}') AS counts
FROM field AS f LEFT JOIN term AS t USING (item_id, field)
GROUP BY f.item_id, f.external_id, f.field, f.tokens ORDER BY f.item_id, f.field
