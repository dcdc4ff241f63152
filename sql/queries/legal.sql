-- Statements that give articles of law the topics of the decisions that cite them.

-- name: issues
-- Topics of the decisions that cite an article of the collection (the first line of a decision's text), the
-- latest first. A decision is an item whose metadata list its citations.
SELECT a.external_id AS article, split_part(d.fields ->> 'text', E'\n', 1) AS issue
FROM core.item AS d
CROSS JOIN LATERAL (SELECT DISTINCT f.item_id
                    FROM impl.cited_items(d.collection_id, d.metadata ->> 'cites', NULL) AS f) AS c
JOIN core.item AS a ON a.id = c.item_id AND a.id <> d.id
WHERE d.collection_id = impl.collection_id(%(collection)s) AND d.metadata ? 'cites'
  AND d.fields ->> 'text' <> ''
ORDER BY (d.metadata ->> 'effective')::bigint DESC NULLS LAST, d.id, a.id

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
