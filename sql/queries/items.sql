-- Statements about items: reading, listing and deleting them, and topics of decisions for articles of law.

-- name: item
SELECT i.id AS item_id, c.name AS collection, i.external_id, i.fields || i.picture_fields AS fields,
    i.metadata,
       i.created_at, i.updated_at
-- A number beyond all ids is an item that is not there.
FROM impl.item_rows(ARRAY[least(%(item_id)s::numeric, 9223372036854775807)::bigint]) AS i
JOIN core.collection AS c ON c.id = i.collection_id

-- name: collections
SELECT * FROM search.collections ORDER BY collection

-- name: picture_readers
SELECT c.picture_readers FROM core.collection AS c WHERE c.id = impl.named_collection(%(collection)s)

-- name: is_empty
SELECT NOT EXISTS (SELECT FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
                   WHERE c.name = %(collection)s) AS empty

-- name: listed
WITH c AS MATERIALIZED (
    SELECT s.id, impl.is_spread(s.id) AS spread
    FROM (SELECT impl.named_collection(%(collection)s) AS id) AS s  -- an error where there is none
)
SELECT l.* FROM (
    (SELECT i.*
     FROM c CROSS JOIN LATERAL impl.parse_filter(%(filter)s) AS f
     JOIN core.item AS o ON o.collection_id = c.id AND o.id > %(after)s
          AND impl.fits(o.metadata, f.contains, f.path)
          AND (%(external_id)s::text IS NULL OR o.external_id = %(external_id)s)
     JOIN search.items AS i ON i.item_id = o.id
     ORDER BY i.item_id
     LIMIT %(limit)s)
    UNION ALL
    SELECT i.id, %(collection)s::text, i.external_id, i.fields || i.picture_fields, i.metadata, i.created_at,
           i.updated_at
    FROM c CROSS JOIN LATERAL impl.shard_listed(c.id, %(filter)s, %(after)s, %(external_id)s, %(limit)s) AS i
    WHERE c.spread
) AS l
ORDER BY l.item_id
LIMIT %(limit)s

-- name: delete
SELECT d AS id FROM ops.delete_items(ARRAY[%(item_id)s::bigint]) AS d

-- name: issues
-- Topics of the decisions that cite an article of the collection, the latest first.
SELECT d.decision, d.article, d.issue
FROM impl.article_issues(impl.named_collection(%(collection)s)) AS d
ORDER BY d.decided DESC NULLS LAST, d.decision_id, d.article_id

-- name: related
-- Articles that have topics of decisions.
SELECT r AS article FROM impl.related_articles(impl.named_collection(%(collection)s)) AS r

-- name: relate
-- Writes topics: text by article; an empty text removes them. Returns the articles that changed.
SELECT r AS article FROM ops.relate_articles(%(collection)s, %(texts)s) AS r
