-- Pictures of an item and what was read in them, for the rules of search.quality: a JSON array. A picture is
-- `read` once a reading is stored, also while another is awaited; else `waiting`, `failed`, or `unread` where
-- no reader is wanted.
--   SELECT impl.case_pictures(1);
CREATE OR REPLACE FUNCTION impl.case_pictures(item_id bigint)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'picture_id', m.picture_id, 'role', m.role, 'sha256', encode(o.sha256, 'hex'), 'reader', r.reader,
        'state', CASE WHEN l.lines IS NOT NULL OR r.read_at IS NOT NULL THEN 'read'
                      WHEN r.error IS NOT NULL THEN 'failed'
                      WHEN r.picture_id IS NOT NULL THEN 'waiting' ELSE 'unread' END,
        'lines', coalesce(l.lines, '[]'), 'numbers', coalesce(n.numbers, '[]'))
        ORDER BY m.role, m.position), '[]')
    FROM core.media AS m
    JOIN core.picture AS o ON o.id = m.picture_id
    LEFT JOIN core.reading AS r ON r.picture_id = m.picture_id AND r.kind = 'ocr'
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('text', g.text, 'confidence', g.confidence)
                         ORDER BY g.line_no) AS lines
        FROM core.ocr_line AS g WHERE g.picture_id = m.picture_id AND g.text <> '') AS l
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('label', g.label, 'raw', g.raw,
                                            'confidence', g.confidence)) AS numbers
        FROM core.picture_identifier AS g WHERE g.picture_id = m.picture_id) AS n
    WHERE m.item_id = case_pictures.item_id
$$;

COMMENT ON FUNCTION impl.case_pictures(bigint) IS 'Pictures of an item with what was read in them.';
