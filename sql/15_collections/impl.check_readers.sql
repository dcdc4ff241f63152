-- Checks the picture readers of a collection: raises SG001 for captions by a prompt that does not exist.
--   SELECT impl.check_readers('{"ocr": "auto", "caption": "parts-en"}');
CREATE OR REPLACE FUNCTION impl.check_readers(picture_readers jsonb)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(picture_readers -> 'caption') = 'string'
       AND NOT EXISTS (SELECT FROM core.caption_prompt AS p WHERE p.name = picture_readers ->> 'caption') THEN
        RAISE EXCEPTION 'unknown prompt %', picture_readers ->> 'caption' USING ERRCODE = 'SG001',
            HINT = (SELECT 'There are ' || string_agg(DISTINCT p.name, ', ' ORDER BY p.name)
                           || '; ops.add_prompt makes one.' FROM core.caption_prompt AS p);
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_readers(jsonb) IS
    'Raises SG001 where a collection asks for captions by an unknown prompt.';
