-- Stores the caption of a picture in place of an older one, which is kept where it says something else; false
-- where a new one was requested since the claim.
--   SELECT ops.store_caption(1, now(), 'a pump', 'openai:x', 'parts@1');
CREATE OR REPLACE FUNCTION ops.store_caption(
    of_picture bigint,
    claimed_at timestamptz,
    caption text,
    captioner text,
    prompt text,
    tokens int DEFAULT NULL,
    latency_ms real DEFAULT NULL,
    tried jsonb DEFAULT '[]')
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM impl.keep_reading(of_picture, 'caption', claimed_at, caption);
    UPDATE core.reading AS r
    SET reader = captioner, read_at = now(), text_at = now(), lease_until = NULL, error = NULL
    WHERE r.picture_id = of_picture AND r.kind = 'caption' AND r.enqueued_at = claimed_at;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM core.caption AS c WHERE c.picture_id = of_picture;
    INSERT INTO core.caption (picture_id, text, captioner, prompt, tokens, latency_ms, tried)
    VALUES (of_picture, caption, captioner, prompt, tokens, latency_ms, tried);
    RETURN true;
END $$;

COMMENT ON FUNCTION ops.store_caption(bigint, timestamptz, text, text, text, int, real, jsonb) IS
    'Stores the caption of a picture.';
