-- Statements of tuning: the lists of a run, fusion profiles, decisions, rerankers.

-- name: decisions
SELECT * FROM eval.decisions
WHERE %(collection)s::text IS NULL OR collection = %(collection)s ORDER BY decision_id DESC

-- name: answers
WITH item AS MATERIALIZED (
    SELECT i.id, i.external_id FROM eval.run AS r CROSS JOIN LATERAL impl.named_items(r.collection_id, ARRAY(
        SELECT DISTINCT e.id FROM eval.run_query AS a CROSS JOIN LATERAL unnest(a.external_ids) AS e(id)
        WHERE a.run_id = r.id)) AS i
    WHERE r.id = %(run_id)s
)
SELECT q.external_id AS query, a.external_ids, ARRAY(
           SELECT i.id FROM unnest(a.external_ids) WITH ORDINALITY AS e(id, at)
           LEFT JOIN item AS i ON i.external_id = e.id ORDER BY e.at) AS item_ids
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
FROM impl.fusion(%(collection)s, %(query_kind)s, NULL, NULL, NULL, NULL,
                 CASE WHEN %(asker)s::jsonb IS NOT NULL THEN jsonb_build_array(%(asker)s::jsonb) END) AS f

-- name: kinds
-- Kind of each query of a run, whether it has an active profile of its own, and whether it is by an item
-- whose metadata contain `asker`.
SELECT q.external_id AS query, k.kind, EXISTS (
           SELECT FROM eval.profile AS p
           WHERE p.collection_id = r.collection_id AND p.active
             AND CASE WHEN p.asker IS NULL THEN p.query_kind = k.kind
                      ELSE i.metadata @> p.asker AND (p.query_kind IS NULL OR p.query_kind = k.kind) END)
           AS routed,
       coalesce(i.metadata @> %(asker)s::jsonb, false) AS asked_by
FROM eval.run AS r JOIN eval.query AS q ON q.set_id = r.set_id
LEFT JOIN impl.named_items((SELECT o.collection_id FROM eval.run AS o WHERE o.id = %(run_id)s), ARRAY(
    SELECT o.item FROM eval.run AS s JOIN eval.query AS o ON o.set_id = s.set_id
    WHERE s.id = %(run_id)s AND o.item IS NOT NULL)) AS i ON i.external_id = q.item
CROSS JOIN LATERAL (SELECT search.query_kind(coalesce(q.text, impl.query_text_of(
    i, r.settings -> 'item_fields', r.settings #> '{lexical,field_weights}'))) AS kind) AS k
WHERE r.id = %(run_id)s ORDER BY q.id

-- name: retire_profile
UPDATE eval.profile AS p SET active = false
WHERE p.collection_id = impl.named_collection(%(collection)s) AND p.active
    AND p.query_kind IS NOT DISTINCT FROM %(query_kind)s::text
    AND p.asker IS NOT DISTINCT FROM %(asker)s::jsonb RETURNING p.id

-- name: put_profile
INSERT INTO eval.profile (collection_id, name, active, method, normalization, k_rrf, weights, model,
                          query_kind, asker, note)
VALUES (impl.named_collection(%(collection)s), %(name)s, true, %(method)s, %(normalization)s, %(k_rrf)s,
        %(weights)s, %(model)s, %(query_kind)s, %(asker)s, %(note)s)
RETURNING id

-- name: put_decision
INSERT INTO eval.decision (collection_id, kind, run_id, source, measure, candidate, activated, reason,
                           figures)
VALUES (impl.named_collection(%(collection)s), %(kind)s, %(run_id)s, %(source)s, %(measure)s, %(candidate)s,
        %(activated)s, %(reason)s, %(figures)s)
RETURNING id

-- name: item_texts
SELECT i.external_id, impl.query_text_of(i, %(item_fields)s, x.field_weights) AS text
FROM impl.named_index(impl.named_collection(%(collection)s)) AS x
CROSS JOIN LATERAL impl.named_items(x.collection_id, %(external_ids)s::text[]) AS i
ORDER BY i.id

-- name: item_text
SELECT i.external_id, impl.query_text_of(i, NULL, x.field_weights) AS text
FROM impl.named_index(impl.named_collection(%(collection)s)) AS x
JOIN impl.item_rows(ARRAY[%(item_id)s::bigint]) AS i ON i.collection_id = x.collection_id

-- name: stored_maxsim
-- Items scored by late interaction with their stored vectors; those without any are left out.
SELECT i.external_id, m.score
FROM impl.named_collection(%(collection)s) AS c(id)
CROSS JOIN LATERAL (SELECT array_agg(o.id) AS ids, array_agg(o.external_id) AS names
                    FROM impl.named_items(c.id, %(external_ids)s::text[]) AS o) AS o
CROSS JOIN LATERAL search.maxsim(%(space)s, o.ids, %(query_vec)s) AS m
JOIN unnest(o.ids, o.names) AS i(id, external_id) ON i.id = m.item_id
ORDER BY m.rank

-- name: put_reranker
INSERT INTO eval.reranker AS r
    (collection_id, by_item, decision_id, model, revision, top_n, blend, threshold)
VALUES (impl.named_collection(%(collection)s), %(by_item)s, %(decision_id)s, %(model)s, %(revision)s,
    %(top_n)s,
        %(blend)s, %(threshold)s)
ON CONFLICT (collection_id, by_item) DO UPDATE SET decision_id = excluded.decision_id, model = excluded.model,
    revision = excluded.revision,
    top_n = excluded.top_n, blend = excluded.blend, threshold = excluded.threshold
RETURNING 1 AS n

-- name: drop_reranker
DELETE FROM eval.reranker WHERE collection_id = impl.named_collection(%(collection)s) AND model = %(model)s
    AND by_item = %(by_item)s
RETURNING 1 AS n

-- name: reranker
SELECT r.model, r.revision, r.top_n, r.blend, r.threshold FROM eval.reranker AS r
WHERE r.collection_id = impl.named_collection(%(collection)s) AND r.by_item = %(by_item)s

-- name: live_index
SELECT x.k1, x.b, x.field_weights, x.analyzer FROM core.lexical_index AS x
WHERE x.id = (impl.named_index(impl.named_collection(%(collection)s))).id

-- name: words
-- Words of the lexical leg of a run: the text of a query, else the fields of its item, each by itself. The
-- analyzer works line by line, so fields joined by line breaks have the same tokens.
SELECT q.external_id AS query, i.id AS own_id, f.key AS field,
       search.analyze(r.settings #>> '{lexical,analyzer}', coalesce(q.text, f.value)) AS tokens
FROM eval.run AS r
JOIN eval.query AS q ON q.set_id = r.set_id
LEFT JOIN impl.named_items((SELECT o.collection_id FROM eval.run AS o WHERE o.id = %(run_id)s), ARRAY(
    SELECT o.item FROM eval.run AS s JOIN eval.query AS o ON o.set_id = s.set_id
    WHERE s.id = %(run_id)s AND o.item IS NOT NULL)) AS i ON i.external_id = q.item
LEFT JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS f ON q.text IS NULL
    AND (jsonb_typeof(r.settings -> 'item_fields') IS DISTINCT FROM 'array'
         OR r.settings -> 'item_fields' ? f.key)
WHERE r.id = %(run_id)s ORDER BY q.id, f.key

-- name: field_terms
-- Fields of the next items after an id: number of tokens, and the frequency of given words in them; words by
-- their place in the array, from 1.
WITH field AS MATERIALIZED (
    SELECT i.id AS item_id, i.external_id, f.key AS field, search.analyze(%(analyzer)s, f.value) AS tokens
    FROM impl.items_of(impl.named_collection(%(collection)s), %(after_id)s, %(batch_n)s) AS i
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

-- name: made
-- Queries made from texts; `contents` are the texts to embed, by space and source, of the item without the
-- words asked, where they differ from those its vectors stand for.
WITH made AS MATERIALIZED (SELECT q.*, row_number() OVER () AS at FROM {call} AS q)
SELECT m.item_id, m.external_id, m.field, m.form, m.query, m.piece, m.fields,
       (SELECT coalesce(jsonb_object_agg(s.name, t.without), '{}')
        FROM jsonb_object_keys(c.vector_sources) AS s(name)
        CROSS JOIN LATERAL (SELECT impl.vector_input(c.vector_sources, s.name, m.fields) AS without,
                                   impl.vector_input(c.vector_sources, s.name, i.fields) AS stored) AS t
        WHERE t.without <> t.stored) AS contents
FROM made AS m JOIN impl.item_rows(ARRAY(SELECT o.item_id FROM made AS o)) AS i ON i.id = m.item_id
JOIN core.collection AS c ON c.id = i.collection_id
ORDER BY m.at

-- name: found_by_words
-- Lists of the legs of words and of numbers for a made query. `own`: the score of the item without the words
-- asked; `alike`: other items that have them word for word, which are neither right nor wrong answers.
SELECT f.*, impl.score_of_text(%(collection)s, %(query)s, %(fields)s) AS own
FROM impl.found_by_words(%(collection)s, %(query)s, %(depth)s, %(item_id)s, %(field)s, %(piece)s) AS f

-- name: found_by_vector
-- The list of a vector leg.
SELECT coalesce(n.ids, '{}') AS ids, coalesce(n.scores, '{}') AS scores
FROM impl.nearest(impl.live_space(%(space)s), %(vec)s, %(depth)s, NULL, %(collection)s, NULL) AS n

-- name: standing
-- Whether a person has a say in how a collection is fused: `chosen` is a profile that somebody judged
-- for or put there, `judged` a set with enough judged queries, most of whose answers are in the collection.
SELECT c.name AS collection, CASE WHEN impl.is_spread(c.id)
           THEN (SELECT t.items FROM search.total(c.name) AS t)
           ELSE (SELECT count(*) FROM core.item AS i WHERE i.collection_id = c.id) END AS items,
       (SELECT p.name FROM eval.profile AS p
        WHERE p.collection_id = c.id AND p.active AND num_nonnulls(p.query_kind, p.asker, p.basis) = 0)
       AS chosen,
       (SELECT q.query_set FROM (
            SELECT s.name AS query_set, count(DISTINCT j.query_id) AS n,
                   count(*) AS judgments, count(i.item_id) AS here
            FROM eval.query_set AS s JOIN eval.query AS q ON q.set_id = s.id
            JOIN eval.judgment AS j ON j.query_id = q.id AND j.grade > 0
                AND j.source <> impl.implicit_source()
            LEFT JOIN impl.known_items(c.id, ARRAY(
                SELECT DISTINCT o.external_id FROM eval.judgment AS o
                WHERE o.grade > 0 AND o.source <> impl.implicit_source())) AS i
                ON i.external_id = j.external_id
            GROUP BY s.name) AS q
        WHERE q.n >= %(least_n)s AND q.here * 2 >= q.judgments
        ORDER BY q.n DESC, q.query_set LIMIT 1) AS judged
FROM core.collection AS c WHERE %(collection)s::text IS NULL OR c.name = %(collection)s ORDER BY c.name

-- name: put_made_profile
INSERT INTO eval.profile (collection_id, name, active, method, normalization, k_rrf, weights, note, basis)
VALUES (impl.named_collection(%(collection)s), %(name)s, true, %(method)s, %(normalization)s, %(k_rrf)s,
        %(weights)s, %(note)s, %(basis)s)
RETURNING id

-- name: forget_made_profiles
-- Learned from made queries, and replaced by a later one.
DELETE FROM eval.profile AS p
WHERE p.collection_id = impl.named_collection(%(collection)s) AND NOT p.active AND p.basis IS NOT NULL
    AND NOT EXISTS (SELECT FROM eval.run AS r WHERE r.collection_id = p.collection_id AND r.profile = p.name)
RETURNING p.id

-- name: fusions
SELECT * FROM eval.fusions WHERE %(collection)s::text IS NULL OR collection = %(collection)s

-- name: profiles
SELECT * FROM eval.profiles AS p
WHERE impl.named_collection(%(collection)s) IS NOT NULL AND p.collection = %(collection)s
    AND (%(profile)s::text IS NULL OR p.profile = %(profile)s)

-- name: waiting_trials
SELECT * FROM eval.profiles WHERE trial IS NOT NULL AND NOT trial ? 'error'
ORDER BY trial ->> 'asked_at', collection, profile

-- name: profile_fusion
SELECT p.name, p.method, p.normalization, p.k_rrf, p.weights, p.model FROM eval.profile AS p
WHERE p.collection_id = impl.named_collection(%(collection)s) AND p.name = %(profile)s

-- name: end_trial
UPDATE eval.profile AS p
SET trial = CASE WHEN %(error)s::text IS NOT NULL THEN p.trial || jsonb_build_object('error', %(error)s) END
WHERE p.collection_id = impl.named_collection(%(collection)s) AND p.name = %(profile)s RETURNING p.id

-- name: activate_profile
UPDATE eval.profile AS p SET active = true
WHERE p.collection_id = impl.named_collection(%(collection)s) AND p.name = %(profile)s RETURNING p.id

-- name: live_tests
SELECT * FROM eval.live_tests AS t
WHERE %(collection)s::text IS NULL
    OR impl.named_collection(%(collection)s) IS NOT NULL AND t.collection = %(collection)s

-- name: running
SELECT t.id AS test_id, p.name AS profile, t.share, t.seed
FROM eval.live_test AS t JOIN eval.profile AS p ON p.id = t.profile_id
WHERE t.collection_id = impl.named_collection(%(collection)s) AND t.state = 'running'
    AND t.rival_id IS NOT DISTINCT FROM (
        SELECT r.id FROM eval.profile AS r WHERE r.collection_id = t.collection_id AND r.active
            AND num_nonnulls(r.query_kind, r.asker) = 0)
