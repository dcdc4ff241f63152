-- Statements that present the results of a search, its pins and calibrations; `hit` is the ranking with its
-- items.

-- name: with_items
-- {call} is search.hybrid with its arguments.
SELECT h.*, i.external_id, i.fields, i.metadata
FROM {call} AS h JOIN search.items AS i USING (item_id) ORDER BY h.rank

-- name: with_names
-- As with_items, for a ranking that is kept: its items are read page by page.
SELECT h.*, i.external_id, '{}'::jsonb AS fields, '{}'::jsonb AS metadata
FROM {call} AS h JOIN search.items AS i USING (item_id) ORDER BY h.rank

-- name: shown
-- Without words to mark, the texts are not searched. Of articles, the parts that the words and the vectors
-- are from.
, windowed AS MATERIALIZED (
    SELECT w.* FROM search.window_parts(
        ARRAY(SELECT hit.item_id FROM hit
              WHERE %(marked)s::text IS NOT NULL AND hit.metadata ? 'article'),
        impl.legs_from_json(%(legs)s::jsonb), %(marked)s::text) AS w
)
SELECT hit.*, p.pictures, t.highlights, a.parts
FROM hit
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') AS pictures
    FROM (SELECT m.picture_id, m.role, o.width, o.height FROM core.media AS m
          JOIN core.picture AS o ON o.id = m.picture_id
          WHERE m.item_id = hit.item_id ORDER BY m.role DESC, m.position LIMIT 4) AS f
) AS p
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(g.field, g.snippet) AS highlights
    FROM search.highlight(%(collection)s, %(marked)s::text, hit.item_id, html => true) AS g
    WHERE %(marked)s::text IS NOT NULL
) AS t
CROSS JOIN LATERAL (
    SELECT jsonb_agg(to_jsonb(f) ORDER BY f.first, f.by) AS parts
    FROM (
        SELECT 'words' AS by, w.part_no, w.path, w.path AS last_path, w.called, 0 AS first
        FROM search.passage_part(hit.item_id, t.highlights ->> 'text') AS w
        WHERE hit.metadata ? 'article' AND t.highlights IS NOT NULL
        UNION ALL
        SELECT w.leg, w.part_no, w.path, w.last_path, w.called, 1 FROM windowed AS w
        WHERE w.item_id = hit.item_id
    ) AS f
) AS a
ORDER BY hit.rank

-- name: likeable
SELECT i.item_id, coalesce(array_agg(DISTINCT s.name) FILTER (WHERE s.name IS NOT NULL), '{}') AS spaces
FROM search.items AS i
LEFT JOIN core.embedding AS e ON e.item_id = i.item_id
LEFT JOIN ops.space AS s ON s.id = e.space_id AND s.status = 'live'
WHERE i.collection = %(collection)s AND i.item_id = ANY (%(item_ids)s)
GROUP BY i.item_id

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
WHERE impl.collection_id(%(collection)s) IS NOT NULL AND p.collection = %(collection)s
  AND (%(query)s::text IS NULL OR impl.fold_query(p.query) = impl.fold_query(%(query)s))
ORDER BY impl.fold_query(p.query), p.place, p.external_id

-- name: calibrations
SELECT c.* FROM search.calibrations AS c
WHERE (%(collection)s::text IS NULL OR c.collection = %(collection)s)
  -- an error where there is no such collection
  AND CASE WHEN %(collection)s::text IS NOT NULL THEN impl.collection_id(%(collection)s) > 0 ELSE true END
ORDER BY c.collection, c.space

-- name: uncalibrated
SELECT c.* FROM search.calibrations AS c
WHERE (%(collection)s::text IS NULL OR c.collection = %(collection)s)
  AND (c.items IS NULL OR abs(c.items - impl.vector_items(c.collection, c.space)) > 0.2 * c.items)
ORDER BY c.collection, c.space

-- name: synonyms
SELECT s.* FROM search.synonyms AS s
WHERE impl.collection_id(%(collection)s) IS NOT NULL AND s.collection = %(collection)s ORDER BY s.group_id
