-- Statements about the shaping of results: pins, and the calibration of spaces.

-- name: pins
SELECT p.* FROM search.pins AS p
WHERE impl.collection_id(%(collection)s) IS NOT NULL AND p.collection = %(collection)s
  AND (%(query)s::text IS NULL OR impl.fold_query(p.query) = impl.fold_query(%(query)s))
ORDER BY p.query, p.place, p.external_id

-- name: calibrations
SELECT c.* FROM search.calibrations AS c
WHERE %(collection)s::text IS NULL OR c.collection = %(collection)s ORDER BY c.collection, c.space

-- name: uncalibrated
SELECT c.* FROM search.calibrations AS c
WHERE (%(collection)s::text IS NULL OR c.collection = %(collection)s)
  AND (c.items IS NULL OR abs(c.items - impl.vector_items(c.collection, c.space)) > 0.2 * c.items)
ORDER BY c.collection, c.space

-- name: probes
-- The beginning of the first field with text that feeds a space, of items in an order that has nothing to do
-- with when they came.
SELECT i.id AS item_id, t.text
FROM core.collection AS c
JOIN core.item AS i ON i.collection_id = c.id
CROSS JOIN LATERAL (
    SELECT left(btrim(i.fields ->> f.name), 60) AS text
    FROM jsonb_each(c.vector_sources -> %(space)s) WITH ORDINALITY AS s(source, fields, at)
    CROSS JOIN LATERAL jsonb_array_elements_text(s.fields) WITH ORDINALITY AS f(name, at)
    WHERE btrim(coalesce(i.fields ->> f.name, '')) <> '' ORDER BY s.at, f.at LIMIT 1
) AS t
WHERE c.id = impl.collection_id(%(collection)s)
ORDER BY hashint8extended(i.id, 7) LIMIT %(limit)s
