-- Pictures of an item that the caller may see, here or on a shard, with their captions, lines, numbers and
-- the states of their readings: photos before nameplates before others.
--   SELECT m.role, m.picture_id, m.caption FROM impl.item_media(1) AS m;
CREATE OR REPLACE FUNCTION impl.item_media(item_id bigint)
RETURNS TABLE (
    role text,
    "position" int,
    name text,
    picture_id bigint,
    error text,
    media_type text,
    width int,
    height int,
    caption text,
    lines jsonb,
    identifiers jsonb,
    readings jsonb)
LANGUAGE sql STABLE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.role, m.position, m.name, m.picture_id, m.error, p.media_type, p.width, p.height,
           (SELECT c.text FROM core.caption AS c WHERE c.picture_id = m.picture_id) AS caption,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object(
                          'line_no', l.line_no, 'box', l.box, 'text', l.text, 'normalized', l.normalized,
                          'confidence', l.confidence, 'group_no', l.group_no) ORDER BY l.line_no)
               FROM core.ocr_line AS l WHERE l.picture_id = m.picture_id), '[]') AS lines,
           coalesce((
               SELECT jsonb_agg(jsonb_build_object('label', d.label, 'raw', d.raw, 'confidence', d.confidence)
                                ORDER BY d.label, d.raw)
               FROM core.picture_identifier AS d WHERE d.picture_id = m.picture_id), '[]') AS identifiers,
           coalesce((
               SELECT jsonb_object_agg(r.kind, CASE WHEN r.read_at IS NOT NULL THEN 'read'
                                                    WHEN r.error IS NOT NULL THEN 'failed' ELSE 'waiting' END)
               FROM core.reading AS r WHERE r.picture_id = m.picture_id), '{}') AS readings
    FROM core.media AS m
    JOIN search.items AS i ON i.item_id = m.item_id
    LEFT JOIN core.picture AS p ON p.id = m.picture_id
    WHERE m.item_id = item_media.item_id
    UNION ALL
    SELECT r.* FROM impl.item_away('media', item_media.item_id) AS a
    CROSS JOIN LATERAL jsonb_to_record(a) AS r(role text, "position" int, name text, picture_id bigint,
        error text, media_type text, width int, height int, caption text, lines jsonb, identifiers jsonb,
        readings jsonb)
    ORDER BY role DESC, "position"
$$;

COMMENT ON FUNCTION impl.item_media(bigint) IS
    'Pictures of an item, here or on a shard, with what was read in them.';
