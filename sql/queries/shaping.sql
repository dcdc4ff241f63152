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
