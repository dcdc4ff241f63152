-- Stores the text read in a picture, in place of an older reading: lines [{"line_no", "box", "text",
-- "normalized", "confidence", "group_no", "engine"}], identifiers [{"label", "raw", "confidence"}]. An older
-- text that says something else is kept (impl.keep_reading). False, and nothing stored, where a new reading
-- was requested since the claim.
--   SELECT ops.store_ocr(1, now(), 'rapidocr', '[]', '[]', '{}');
CREATE OR REPLACE FUNCTION ops.store_ocr(
    of_picture bigint,
    claimed_at timestamptz,
    reader text,
    lines jsonb,
    identifiers jsonb,
    notes text[])
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.keep_reading(of_picture, 'ocr', claimed_at, (
        SELECT string_agg(g.text, E'\n' ORDER BY g.line_no)
        FROM jsonb_to_recordset(lines) AS g(line_no int, text text)));
    UPDATE core.reading AS r
    SET reader = store_ocr.reader, read_at = now(), text_at = now(), lease_until = NULL, error = NULL,
        notes = store_ocr.notes
    WHERE r.picture_id = of_picture AND r.kind = 'ocr' AND r.enqueued_at = claimed_at;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM core.picture_identifier AS p WHERE p.picture_id = of_picture;
    DELETE FROM core.ocr_line AS l WHERE l.picture_id = of_picture;
    INSERT INTO core.picture_identifier (picture_id, label, raw, confidence)
    SELECT of_picture, g.label, g.raw, max(g.confidence)
    FROM jsonb_to_recordset(identifiers) AS g(label text, raw text, confidence real) GROUP BY g.label, g.raw;
    INSERT INTO core.ocr_line (picture_id, line_no, box, text, normalized, confidence, group_no, engine)
    SELECT of_picture, g.line_no, g.box, g.text, g.normalized, g.confidence, g.group_no, g.engine
    FROM jsonb_to_recordset(lines)
        AS g(line_no int, box real[], text text, normalized text, confidence real, group_no int, engine text);
    RETURN true;
END $$;

COMMENT ON FUNCTION ops.store_ocr(bigint, timestamptz, text, jsonb, jsonb, text[]) IS
    'Stores the lines and identifiers read in a picture.';
