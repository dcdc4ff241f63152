-- Texts and captions of an item's pictures, here or on a shard, that later readings with another result
-- have replaced, the latest first: kind (ocr or caption), who read it and when, until when it was in force,
-- and the text. Ten are kept per picture and kind. Those in force now: search.readings.
--   SELECT kind, reader, read_at, replaced_at, content FROM search.earlier_readings(1);
CREATE OR REPLACE FUNCTION search.earlier_readings(item_id bigint)
RETURNS TABLE (
    picture_id bigint,
    kind text,
    reader text,
    prompt text,
    read_at timestamptz,
    replaced_at timestamptz,
    content text)
LANGUAGE sql STABLE ROWS 4
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.picture_id, e.kind, e.reader, e.prompt, e.read_at, e.replaced_at, e.content
    FROM core.media AS m
    JOIN core.item AS i ON i.id = m.item_id
    JOIN core.earlier_reading AS e ON e.picture_id = m.picture_id
    WHERE m.item_id = earlier_readings.item_id
    UNION
    SELECT r.* FROM impl.item_away('earlier', earlier_readings.item_id) AS a
    CROSS JOIN LATERAL jsonb_to_record(a) AS r(picture_id bigint, kind text, reader text, prompt text,
        read_at timestamptz, replaced_at timestamptz, content text)
    ORDER BY 1, 2, 6 DESC, 5 DESC, 3, 7
$$;

COMMENT ON FUNCTION search.earlier_readings(bigint) IS
    'Texts and captions of an item''s pictures that later readings have replaced.';
