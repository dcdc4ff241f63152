-- Statements that read pictures. Whoever may see an item may see its pictures, and whoever sees all
-- collections those that a query of a set asks by; nobody else.

-- name: picture
WITH asked AS (SELECT least(%(picture_id)s::numeric, 9223372036854775807)::bigint AS id)
SELECT p.id AS picture_id, encode(p.sha256, 'hex') AS sha256, p.media_type, p.width, p.height,
       octet_length(p.bytes) AS size,
       octet_length(p.thumbnail) AS thumbnail_size
FROM asked JOIN core.picture AS p ON p.id = asked.id
WHERE impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id
    WHERE m.picture_id = p.id AND (%(collection)s::text IS NULL OR i.collection = %(collection)s))
UNION ALL
SELECT r.* FROM asked CROSS JOIN LATERAL impl.picture_away(asked.id, %(collection)s) AS a
CROSS JOIN LATERAL jsonb_to_record(a.info) AS r(picture_id bigint, sha256 text, media_type text, width int,
    height int, size int, thumbnail_size int)

-- name: bytes
-- A range of the file; the rest is not read from disk.
SELECT substring(p.bytes FROM %(start)s + 1 FOR %(size)s) AS data
FROM core.picture AS p
WHERE p.id = %(picture_id)s AND (impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id WHERE m.picture_id = p.id))
UNION ALL
SELECT a.data FROM impl.picture_away(%(picture_id)s, NULL, 'bytes', %(start)s, %(size)s) AS a

-- name: thumbnail
SELECT p.thumbnail AS data
FROM core.picture AS p
WHERE p.id = %(picture_id)s AND p.thumbnail IS NOT NULL AND (impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id WHERE m.picture_id = p.id))
UNION ALL
SELECT a.data FROM impl.picture_away(%(picture_id)s, NULL, 'thumbnail') AS a WHERE a.data IS NOT NULL

-- name: spaces
-- Live spaces in which an item has vectors.
SELECT s.name FROM impl.item_spaces(%(item_id)s) AS s ORDER BY s.name

-- name: media
SELECT m.* FROM impl.item_media(%(item_id)s) AS m ORDER BY m.role DESC, m.position

-- name: whole
-- Caption of all pictures of an item.
SELECT k.state, k.caption, k.searched, k.pictures, k.of_pictures, k.unanswered, k.captioner, k.prompt, k.error
FROM search.item_captions AS k WHERE k.item_id = %(item_id)s
UNION ALL
SELECT k.state, k.caption, k.searched, k.pictures, k.of_pictures, k.unanswered, k.captioner, k.prompt, k.error
FROM impl.item_away('caption', %(item_id)s) AS a
CROSS JOIN LATERAL jsonb_populate_record(NULL::search.item_captions, a) AS k
