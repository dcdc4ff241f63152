-- Readings of an item's pictures, here or on a shard: per picture and kind (ocr, caption; item_caption: of
-- all together, without a picture) who was asked, who read it and when, what it gave, and who else was tried.
-- A new reading takes the place of the one before (search.earlier_readings). state: read, waiting or failed;
-- lines: those of ocr;
-- beside waiting or failed, what stands there is of the reading before.
--   SELECT kind, reader, read_at, state, lines, content FROM search.readings(1);
CREATE OR REPLACE FUNCTION search.readings(item_id bigint)
RETURNS TABLE (
    picture_id bigint,
    role text,
    "position" int,
    kind text,
    state text,
    wanted text,
    reader text,
    asked_at timestamptz,
    read_at timestamptz,
    attempts int,
    next_attempt_at timestamptz,
    error text,
    notes text[],
    lines int,
    content text,
    prompt text,
    tokens int,
    latency_ms real,
    tried jsonb)
LANGUAGE sql STABLE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.picture_id, m.role, m.position, r.kind,
           CASE WHEN r.read_at IS NOT NULL THEN 'read' WHEN r.error IS NOT NULL THEN 'failed'
                ELSE 'waiting' END,
           r.wanted, r.reader, r.enqueued_at, r.read_at, r.attempts,
           CASE WHEN r.read_at IS NULL THEN r.next_attempt_at END, r.error, r.notes,
           CASE r.kind WHEN 'ocr' THEN (SELECT count(*)::int FROM core.ocr_line AS l
                                        WHERE l.picture_id = m.picture_id) END,
           c.text, c.prompt, c.tokens, c.latency_ms, coalesce(c.tried, '[]')
    FROM core.media AS m
    JOIN core.item AS i ON i.id = m.item_id
    JOIN core.reading AS r ON r.picture_id = m.picture_id
    LEFT JOIN core.caption AS c ON r.kind = 'caption' AND c.picture_id = m.picture_id
    WHERE m.item_id = readings.item_id
    UNION ALL
    SELECT NULL, NULL, NULL, 'item_caption',
           CASE WHEN k.made_at IS NOT NULL THEN 'read' WHEN k.error IS NOT NULL THEN 'failed'
                ELSE 'waiting' END,
           k.wanted, k.captioner, k.enqueued_at, k.made_at, k.attempts,
           CASE WHEN k.made_at IS NULL THEN k.next_attempt_at END, k.error, '{}', NULL,
           k.text, k.prompt, k.tokens, k.latency_ms, k.tried
    FROM core.item_caption AS k JOIN core.item AS i ON i.id = k.item_id
    WHERE k.item_id = readings.item_id
    UNION ALL
    SELECT r.* FROM impl.item_away('readings', readings.item_id) AS a
    CROSS JOIN LATERAL jsonb_to_record(a) AS r(picture_id bigint, role text, "position" int, kind text,
        state text, wanted text, reader text, asked_at timestamptz, read_at timestamptz, attempts int,
        next_attempt_at timestamptz, error text, notes text[], lines int, content text, prompt text,
        tokens int, latency_ms real, tried jsonb)
    ORDER BY 1 NULLS FIRST, 4, 2, 3
$$;

COMMENT ON FUNCTION search.readings(bigint) IS
    'Readings of an item''s pictures: reader, time and result of each.';
