-- Cases of search.quality: the next items of a collection in the order of their external ids, each with what
-- its fields say and what was read in its pictures, as a JSON array. A picture is `read` once a reading is
-- stored, also while another is awaited; else `waiting`, `failed`, or `unread` where no reader is wanted.
--   SELECT jsonb_array_length(impl.quality_cases(impl.collection_id('parts'), '', 100));
CREATE OR REPLACE FUNCTION impl.quality_cases(cid int, after text, items_n int)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(impl.quality_given(c, i.fields, i.metadata) || jsonb_build_object(
        'item_id', i.id, 'external_id', i.external_id, 'pictures', coalesce(p.pictures, '[]'))
        ORDER BY i.external_id), '[]')
    FROM (SELECT g.id, g.external_id, g.fields, g.metadata, g.collection_id FROM core.item AS g
          WHERE g.collection_id = cid AND g.external_id > after
          ORDER BY g.external_id LIMIT items_n) AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object(
            'picture_id', m.picture_id, 'role', m.role, 'sha256', encode(o.sha256, 'hex'), 'reader', r.reader,
            'state', CASE WHEN l.lines IS NOT NULL OR r.read_at IS NOT NULL THEN 'read'
                          WHEN r.error IS NOT NULL THEN 'failed'
                          WHEN r.picture_id IS NOT NULL THEN 'waiting' ELSE 'unread' END,
            'lines', coalesce(l.lines, '[]'), 'numbers', coalesce(n.numbers, '[]'))
            ORDER BY m.role, m.position) AS pictures
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
        WHERE m.item_id = i.id
    ) AS p
$$;

COMMENT ON FUNCTION impl.quality_cases(int, text, int) IS
    'The next items of a collection with what was read in their pictures, for the rules of search.quality.';
