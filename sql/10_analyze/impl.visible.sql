-- Removes the default-ignorable code points of Unicode (soft hyphen, zero-width space and joiners, marks of
-- direction, variation selectors, byte order mark, Hangul fillers, tags), which PDF files, web pages and
-- messengers leave inside words. A pure ASCII text is returned as it is. No SET: called for each text and
-- query, and SET would cost more than an ASCII text does.
--   SELECT impl.visible(E'pu\u00ADmp');   -- pump
CREATE OR REPLACE FUNCTION impl.visible(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT CASE WHEN octet_length(raw) = length(raw) THEN raw ELSE regexp_replace(raw COLLATE "C",
        E'[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E'
        '\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFF8\U0001BCA0-\U0001BCA3'
        '\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]', '', 'g') END
$$;

COMMENT ON FUNCTION impl.visible(text) IS 'A text without the default-ignorable code points of Unicode.';
