-- Keeps what was read in a picture before (kind: ocr or caption), where becomes is another text; of each
-- picture and kind the ten latest. Does nothing where a new reading was requested since the claim.
--   SELECT impl.keep_reading(1, 'caption', now(), 'a pump');
CREATE OR REPLACE FUNCTION impl.keep_reading(
    of_picture bigint,
    kind text,
    claimed_at timestamptz,
    becomes text)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO core.earlier_reading (picture_id, kind, reader, prompt, read_at, content)
    SELECT r.picture_id, r.kind, coalesce(c.captioner, r.reader), c.prompt, r.text_at, was.content
    FROM core.reading AS r
    LEFT JOIN core.caption AS c ON r.kind = 'caption' AND c.picture_id = r.picture_id
    CROSS JOIN LATERAL (SELECT coalesce(CASE r.kind WHEN 'caption' THEN c.text ELSE (
        SELECT string_agg(l.text, E'\n' ORDER BY l.line_no) FROM core.ocr_line AS l
        WHERE l.picture_id = r.picture_id) END, '')) AS was(content)
    WHERE r.picture_id = of_picture AND r.kind = keep_reading.kind AND r.enqueued_at = claimed_at
      AND r.text_at IS NOT NULL AND coalesce(c.captioner, r.reader) IS NOT NULL
      AND was.content <> coalesce(becomes, '');
    DELETE FROM core.earlier_reading AS e
    WHERE e.picture_id = of_picture AND e.kind = keep_reading.kind AND e.id NOT IN (
        SELECT k.id FROM core.earlier_reading AS k
        WHERE k.picture_id = of_picture AND k.kind = keep_reading.kind ORDER BY k.id DESC LIMIT 10)
$$;

COMMENT ON FUNCTION impl.keep_reading(bigint, text, timestamptz, text) IS
    'Keeps what was read in a picture before another reading replaces it.';
