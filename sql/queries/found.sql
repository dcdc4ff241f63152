-- Statements that present the results of a search; `hit` is the ranking with its items.

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

-- name: facets
SELECT f.field,
       coalesce(jsonb_agg(jsonb_build_object('value', v.value, 'items', v.items) ORDER BY v.items DESC,
                          v.value)
                         FILTER (WHERE v.value IS NOT NULL), '[]') AS values
FROM unnest(%(fields)s::text[]) WITH ORDINALITY AS f(field, at)
LEFT JOIN LATERAL search.facets(%(collection)s, %(query)s, f.field, %(filter)s, %(top_n)s) AS v ON true
GROUP BY f.at, f.field ORDER BY f.at

-- name: metadata_keys
-- Texts, numbers and booleans, and arrays of them: values that a person can choose from.
SELECT k.key AS field, count(DISTINCT s.item_id) AS items, count(DISTINCT v.value) AS distinct
FROM (SELECT i.item_id, i.metadata FROM search.items AS i
      WHERE i.collection = %(collection)s LIMIT %(sample_n)s) AS s
CROSS JOIN LATERAL jsonb_each(s.metadata) AS k
CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(k.value) WHEN 'array' THEN k.value
                                             ELSE jsonb_build_array(k.value) END) AS v(value)
WHERE jsonb_typeof(v.value) IN ('string', 'number', 'boolean')
GROUP BY k.key ORDER BY items DESC, k.key

-- name: likeable
SELECT i.item_id, coalesce(array_agg(DISTINCT s.name) FILTER (WHERE s.name IS NOT NULL), '{}') AS spaces
FROM search.items AS i
LEFT JOIN core.embedding AS e ON e.item_id = i.item_id
LEFT JOIN ops.space AS s ON s.id = e.space_id AND s.status = 'live'
WHERE i.collection = %(collection)s AND i.item_id = ANY (%(item_ids)s)
GROUP BY i.item_id
