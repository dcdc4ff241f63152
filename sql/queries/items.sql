-- Statements about items: reading, listing and deleting them, and topics of decisions for articles of law.

-- name: item
SELECT * FROM search.items WHERE item_id = %(item_id)s

-- name: collections
SELECT * FROM search.collections ORDER BY collection

-- name: picture_readers
SELECT c.picture_readers FROM core.collection AS c WHERE c.id = impl.collection_id(%(collection)s)

-- name: is_empty
SELECT NOT EXISTS (SELECT FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
                   WHERE c.name = %(collection)s) AS empty

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

-- name: issues
-- Topics of the decisions that cite an article of the collection (the first line of a decision's text), the
-- latest first. A decision is an item whose metadata list its citations.
SELECT d.external_id AS decision, a.external_id AS article, split_part(d.fields ->> 'text', E'\n', 1) AS issue
FROM core.item AS d
CROSS JOIN LATERAL (SELECT DISTINCT f.item_id
                    FROM impl.cited_items(d.collection_id, d.metadata ->> 'cites', NULL) AS f) AS c
JOIN core.item AS a ON a.id = c.item_id AND a.id <> d.id
WHERE d.collection_id = impl.collection_id(%(collection)s) AND d.metadata ? 'cites'
  AND d.fields ->> 'text' <> ''
ORDER BY d.metadata ->> 'decided' DESC NULLS LAST, d.id, a.id

-- name: related
-- Articles that have topics of decisions.
SELECT i.external_id AS article FROM core.item AS i
WHERE i.collection_id = impl.collection_id(%(collection)s) AND i.fields ? 'decisions' ORDER BY i.id

-- name: relate
-- Writes topics: text by article; an empty text removes them. Returns the articles that changed.
UPDATE core.item AS i
SET fields = CASE WHEN t.value = '' THEN i.fields - 'decisions'
                  ELSE i.fields || jsonb_build_object('decisions', t.value) END
FROM jsonb_each_text(%(texts)s) AS t
WHERE i.collection_id = impl.collection_id(%(collection)s) AND i.external_id = t.key
  AND coalesce(i.fields ->> 'decisions', '') <> t.value
RETURNING i.external_id AS article
