-- Splits a text into stretches of about 2,000 bytes, at a space where there is one near; `glued` where there
-- is none. Its time is linear in the length of the text, unlike substr by characters.
--   SELECT no, length(stretch), glued FROM impl.stretches(repeat('vacuum pump ', 1000));
CREATE OR REPLACE FUNCTION impl.stretches(raw text)
RETURNS TABLE (no int, stretch text, glued boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    size_n CONSTANT int := 2000;
    near_n CONSTANT int := 200;
    space CONSTANT bytea := decode('20', 'hex');
    bytes CONSTANT bytea := convert_to(impl.spaced(raw), 'UTF8');
    start int := 1;
    stop int;
    gap int;
BEGIN
    no := 0;
    WHILE start <= length(bytes) LOOP
        no := no + 1;
        stop := start + size_n;
        gap := position(space IN substring(bytes FROM stop FOR near_n));
        glued := stop <= length(bytes) AND gap = 0;
        IF glued THEN
            WHILE stop <= length(bytes) AND get_byte(bytes, stop - 1) BETWEEN 128 AND 191 LOOP
                stop := stop + 1;  -- not within a character
            END LOOP;
        ELSE
            stop := stop + greatest(gap - 1, 0);
        END IF;
        stretch := convert_from(substring(bytes FROM start FOR stop - start), 'UTF8');
        RETURN NEXT;
        start := stop + CASE WHEN glued THEN 0 ELSE 1 END;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.stretches(text) IS 'Splits a text into stretches of about 2,000 bytes.';
