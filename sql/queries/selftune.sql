-- Statements of tuning by queries that are made from a collection's texts.

-- name: made
-- Queries made from texts; `contents` are the texts to embed, by space and source, of the item without the
-- words asked, where they differ from those its vectors stand for.
SELECT m.item_id, m.external_id, m.field, m.form, m.query, m.piece, m.fields,
       (SELECT coalesce(jsonb_object_agg(s.name, t.without), '{}')
        FROM jsonb_object_keys(c.vector_sources) AS s(name)
        CROSS JOIN LATERAL (SELECT impl.vector_input(c.vector_sources, s.name, m.fields) AS without,
                                   impl.vector_input(c.vector_sources, s.name, i.fields) AS stored) AS t
        WHERE t.without <> t.stored) AS contents
FROM eval.made_queries(%(collection)s, %(items_n)s, %(seed)s) AS m
JOIN core.item AS i ON i.id = m.item_id JOIN core.collection AS c ON c.id = i.collection_id

-- name: found_by_words
-- Lists of the legs of words and of numbers for a made query. `own`: the score of the item without the words
-- asked; `alike`: other items that have them word for word, which are neither right nor wrong answers.
SELECT coalesce(l.ids, '{}') AS ids, coalesce(l.scores, '{}') AS scores,
       impl.score_of_text(%(collection)s, %(query)s, %(fields)s) AS own,
       ARRAY(SELECT i.id FROM core.item AS i WHERE i.id = ANY (coalesce(l.ids, '{}')) AND i.id <> %(item_id)s
             AND strpos(i.fields ->> %(field)s, %(piece)s) > 0) AS alike,
       n.ids AS number_ids, n.scores AS number_scores
FROM impl.bm25_top(%(collection)s, %(query)s, %(depth)s) AS l
CROSS JOIN (SELECT coalesce(array_agg(h.item_id ORDER BY h.rank), '{}') AS ids,
                   coalesce(array_agg(h.score ORDER BY h.rank), '{}') AS scores
            FROM search.identifier(%(collection)s, %(query)s, %(depth)s) AS h
            WHERE NOT (h.item_id = %(item_id)s AND h.source = %(field)s)) AS n

-- name: found_by_vector
-- The list of a vector leg.
SELECT coalesce(n.ids, '{}') AS ids, coalesce(n.scores, '{}') AS scores
FROM impl.nearest(impl.live_space(%(space)s), %(vec)s, %(depth)s, NULL, %(collection)s, NULL) AS n

-- name: standing
-- Whether a person has a say in how a collection is fused: `chosen` is a profile that somebody judged
-- for or put there, `judged` a set with enough judged queries, most of whose answers are in the collection.
SELECT c.name AS collection, (SELECT count(*) FROM core.item AS i WHERE i.collection_id = c.id) AS items,
       (SELECT p.name FROM eval.profile AS p
        WHERE p.collection_id = c.id AND p.active AND p.query_kind IS NULL AND p.basis IS NULL) AS chosen,
       (SELECT q.query_set FROM (
            SELECT s.name AS query_set, count(DISTINCT j.query_id) AS n,
                   count(*) AS judgments, count(i.id) AS here
            FROM eval.query_set AS s JOIN eval.query AS q ON q.set_id = s.id
            JOIN eval.judgment AS j ON j.query_id = q.id AND j.grade > 0
            LEFT JOIN core.item AS i ON i.collection_id = c.id AND i.external_id = j.external_id
            GROUP BY s.name) AS q
        WHERE q.n >= %(least_n)s AND q.here * 2 >= q.judgments
        ORDER BY q.n DESC, q.query_set LIMIT 1) AS judged
FROM core.collection AS c WHERE %(collection)s::text IS NULL OR c.name = %(collection)s ORDER BY c.name

-- name: put_profile
INSERT INTO eval.profile (collection_id, name, active, method, normalization, k_rrf, weights, note, basis)
VALUES (impl.collection_id(%(collection)s), %(name)s, true, %(method)s, %(normalization)s, %(k_rrf)s,
        %(weights)s, %(note)s, %(basis)s)
RETURNING id

-- name: forget_profiles
-- Learned from made queries, and replaced by a later one.
DELETE FROM eval.profile AS p
WHERE p.collection_id = impl.collection_id(%(collection)s) AND NOT p.active AND p.basis IS NOT NULL
    AND NOT EXISTS (SELECT FROM eval.run AS r WHERE r.collection_id = p.collection_id AND r.profile = p.name)
RETURNING p.id

-- name: fusions
SELECT * FROM eval.fusions WHERE %(collection)s::text IS NULL OR collection = %(collection)s
