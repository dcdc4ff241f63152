-- Statements that present the results of a search; `hit` is the ranking with its items.

-- name: with_items
-- {call} is search.hybrid with its arguments.
SELECT h.*, i.external_id, i.fields, i.metadata
FROM {call} AS h JOIN search.items AS i USING (item_id) ORDER BY h.rank

-- name: with_names
-- As with_items, for a ranking that is kept: its items are read page by page.
SELECT h.*, i.external_id, '{}'::jsonb AS fields, '{}'::jsonb AS metadata
FROM {call} AS h JOIN search.items AS i USING (item_id) ORDER BY h.rank

-- name: shown
-- Without words to mark, the texts are not searched.
SELECT hit.*, p.pictures, t.highlights
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
ORDER BY hit.rank

-- name: likeable
SELECT i.item_id, coalesce(array_agg(DISTINCT s.name) FILTER (WHERE s.name IS NOT NULL), '{}') AS spaces
FROM search.items AS i
LEFT JOIN core.embedding AS e ON e.item_id = i.item_id
LEFT JOIN ops.space AS s ON s.id = e.space_id AND s.status = 'live'
WHERE i.collection = %(collection)s AND i.item_id = ANY (%(item_ids)s)
GROUP BY i.item_id
