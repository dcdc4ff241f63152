-- Normalises a text for an analyzer: impl.fold_text, and one spelling for what it counts and measures
-- (impl.fold_quantities) where there is something of that kind. No SET: called for each text and each word of
-- a snippet, and SET would cost more than most of them do.
--   SELECT impl.fold_words('korean', '½ inch');   -- 0.5inch
CREATE OR REPLACE FUNCTION impl.fold_words(analyzer text, raw text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    quantity CONSTANT text := E'[0-9](?:[/\u2044][0-9]|[십백천만억]|[ -]' || impl.joined_units()
        || ')|[^0-9a-z.][.][0-9]';
    folded CONSTANT text := impl.fold_text(raw);
BEGIN
    -- Names apart, and the first character: with them the expression takes twice as long.
    IF folded COLLATE "C" ~ quantity OR strpos(folded, '.net') > 0 OR strpos(folded, '.js') > 0
        OR starts_with(folded, '.') THEN
        RETURN impl.fold_quantities(folded, analyzer);
    END IF;
    RETURN folded;
END $$;

COMMENT ON FUNCTION impl.fold_words(text, text) IS
    'Normalises a text for an analyzer, and what it counts and measures to one spelling.';
