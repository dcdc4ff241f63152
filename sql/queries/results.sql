-- Statements that present the results of a search, its pins and calibrations; `hit` is the ranking with its
-- items.

-- name: with_items
-- {call} is search.hybrid with its arguments. `shown => false` is replaced where they are shown.
WITH ranked AS MATERIALIZED (SELECT * FROM {call})
SELECT h.*, i.external_id, i.fields || i.picture_fields AS fields, i.metadata
FROM ranked AS h JOIN impl.hit_rows(%(collection)s, (SELECT array_agg(DISTINCT r.item_id) FROM ranked AS r),
                                       shown => false) AS i ON i.id = h.item_id
ORDER BY h.rank

-- name: with_names
-- As with_items, for a ranking that is kept: its items are read page by page.
WITH ranked AS MATERIALIZED (SELECT * FROM {call})
SELECT h.*, i.external_id, '{}'::jsonb AS fields, '{}'::jsonb AS metadata
FROM ranked AS h JOIN impl.hit_rows(%(collection)s, (SELECT array_agg(r.item_id) FROM ranked AS r)) AS i
    ON i.id = h.item_id
ORDER BY h.rank

-- name: shown
-- Of articles, the parts that the words and the vectors are from.
, windowed AS MATERIALIZED (
    SELECT w.* FROM search.window_parts(
        ARRAY(SELECT hit.item_id FROM hit
              WHERE %(marked)s::text IS NOT NULL AND hit.metadata ? 'article'),
        impl.legs_from_json(%(legs)s::jsonb), %(marked)s::text) AS w
)
SELECT hit.*, s.pictures, s.highlights, a.parts
FROM hit
JOIN impl.shown_items(%(collection)s, %(marked)s::text, (SELECT coalesce(array_agg(DISTINCT o.item_id), '{}')
    FROM hit AS o)) AS s
    ON s.item_id = hit.item_id
CROSS JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(f) ORDER BY f.first, f.by) AS parts
    FROM (
        SELECT 'words' AS by, w.part_no, w.path, w.path AS last_path, w.called, 0 AS first
        FROM search.passage_part(hit.item_id, s.highlights ->> 'text') AS w
        WHERE hit.metadata ? 'article' AND s.highlights IS NOT NULL
        UNION ALL
        SELECT w.leg, w.part_no, w.path, w.last_path, w.called, 1 FROM windowed AS w
        WHERE w.item_id = hit.item_id
    ) AS f
) AS a
ORDER BY hit.rank

-- name: likeable
SELECT i.id AS item_id, ARRAY(
    SELECT s.name FROM ops.space AS s
    WHERE s.status = 'live' AND EXISTS (SELECT FROM impl.item_vectors(s, ARRAY[i.id]))) AS spaces
FROM impl.item_rows(%(item_ids)s::bigint[]) AS i
WHERE i.collection_id = impl.named_collection(%(collection)s)

-- name: with_state
-- {call} is search.suggest with its arguments. At least one row, so that the state is told where nothing is
-- found.
SELECT c.state, s.*
FROM (SELECT (SELECT CASE WHEN l.title_fields = '{}' THEN 'off' WHEN l.titles_stale THEN 'building'
                          ELSE 'ready' END
              FROM core.collection AS l WHERE l.name = %(collection)s)) AS c(state)
LEFT JOIN {call} AS s ON true
ORDER BY s.rank

-- name: pins
SELECT p.* FROM search.pins AS p
WHERE impl.named_collection(%(collection)s) IS NOT NULL AND p.collection = %(collection)s
  AND (%(query)s::text IS NULL OR impl.fold_query(p.query) = impl.fold_query(%(query)s))
ORDER BY impl.fold_query(p.query), p.place, p.external_id

-- name: calibrations
SELECT c.* FROM search.calibrations AS c
WHERE (%(collection)s::text IS NULL OR c.collection = %(collection)s)
  -- an error where there is no such collection
  AND CASE WHEN %(collection)s::text IS NOT NULL THEN impl.named_collection(%(collection)s) > 0 ELSE true END
ORDER BY c.collection, c.space

-- name: uncalibrated
SELECT c.* FROM search.calibrations AS c
WHERE (%(collection)s::text IS NULL OR c.collection = %(collection)s)
  AND (c.items IS NULL OR abs(c.items - impl.vector_items(c.collection, c.space)) > 0.2 * c.items)
ORDER BY c.collection, c.space

-- name: synonyms
SELECT s.* FROM search.synonyms AS s
WHERE impl.named_collection(%(collection)s) IS NOT NULL AND s.collection = %(collection)s ORDER BY s.group_id
