-- Statements that read pictures. Whoever may see an item may see its pictures, and whoever sees all
-- collections those that a query of a set asks by; nobody else.

-- name: picture
SELECT p.id AS picture_id, encode(p.sha256, 'hex') AS sha256, p.media_type, p.width, p.height,
       octet_length(p.bytes) AS size,
       octet_length(p.thumbnail) AS thumbnail_size
FROM core.picture AS p
WHERE p.id = %(picture_id)s AND (impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id
    WHERE m.picture_id = p.id AND (%(collection)s::text IS NULL OR i.collection = %(collection)s)))

-- name: bytes
-- A range of the file; the rest is not read from disk.
SELECT substring(p.bytes FROM %(start)s + 1 FOR %(size)s) AS data
FROM core.picture AS p
WHERE p.id = %(picture_id)s AND (impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id WHERE m.picture_id = p.id))

-- name: thumbnail
SELECT p.thumbnail AS data
FROM core.picture AS p
WHERE p.id = %(picture_id)s AND p.thumbnail IS NOT NULL AND (impl.asks_by(p.id) OR EXISTS (
    SELECT FROM core.media AS m JOIN search.items AS i ON i.item_id = m.item_id WHERE m.picture_id = p.id))

-- name: spaces
-- Live spaces in which an item has vectors.
SELECT s.name
FROM search.items AS i
JOIN core.embedding AS e ON e.item_id = i.item_id
JOIN ops.space AS s ON s.id = e.space_id AND s.status = 'live'
WHERE i.item_id = %(item_id)s
GROUP BY s.name
ORDER BY s.name

-- name: media
SELECT m.role, m.position, m.name, m.picture_id, m.error, p.media_type, p.width, p.height,
       (SELECT c.text FROM core.caption AS c WHERE c.picture_id = m.picture_id) AS caption,
       coalesce(
           (SELECT jsonb_agg(jsonb_build_object('line_no', l.line_no, 'box', l.box, 'text', l.text,
                                                'normalized', l.normalized,
                                                     'confidence', l.confidence, 'group_no', l.group_no)
                                                         ORDER BY l.line_no)
                 FROM core.ocr_line AS l WHERE l.picture_id = m.picture_id), '[]') AS lines,
       coalesce(
           (SELECT jsonb_agg(jsonb_build_object('label', d.label, 'raw', d.raw, 'confidence', d.confidence)
                             ORDER BY d.label, d.raw)
                 FROM core.picture_identifier AS d WHERE d.picture_id = m.picture_id), '[]') AS identifiers,
       coalesce((SELECT jsonb_object_agg(r.kind,
                                         CASE WHEN r.read_at IS NOT NULL THEN 'read'
                                              WHEN r.error IS NOT NULL THEN 'failed' ELSE 'waiting' END)
                 FROM core.reading AS r WHERE r.picture_id = m.picture_id), '{}') AS readings
FROM core.media AS m
JOIN search.items AS i ON i.item_id = m.item_id
LEFT JOIN core.picture AS p ON p.id = m.picture_id
WHERE m.item_id = %(item_id)s
ORDER BY m.role DESC, m.position

-- name: whole
-- Caption of all pictures of an item.
SELECT k.state, k.caption, k.searched, k.pictures, k.of_pictures, k.unanswered, k.captioner, k.prompt, k.error
FROM search.item_captions AS k WHERE k.item_id = %(item_id)s
