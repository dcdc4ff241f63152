-- Statements that list and delete items.

-- name: listed
SELECT i.*
FROM (SELECT impl.collection_id(%(collection)s) AS id) AS c  -- an error where there is no such collection
CROSS JOIN LATERAL impl.parse_filter(%(filter)s) AS f
JOIN core.item AS o ON o.collection_id = c.id AND o.id > %(after)s
     AND impl.fits(o.metadata, f.contains, f.path)
     AND (%(external_id)s::text IS NULL OR o.external_id = %(external_id)s)
JOIN search.items AS i ON i.item_id = o.id
ORDER BY i.item_id
LIMIT %(limit)s

-- name: delete
DELETE FROM core.item AS o USING search.items AS i WHERE i.item_id = o.id AND o.id = %(item_id)s
RETURNING o.id
