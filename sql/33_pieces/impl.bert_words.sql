-- Words of a text as BERT's tokenizers find them, in their order: control characters left out, Chinese signs
-- apart, without accents (Hangul in its letters), small letters, punctuation apart; each as the settings say
-- (encoders/sparse/pieces.py: WordPiece). Equal to that of `tokenizers` for what Unicode 14 has.
-- Devlin et al.: BERT, 2019.
--   SELECT impl.bert_words('Vacuum-Pump, 2x', '{"lowercase": true, "strip_accents": true, "chinese": true}');
CREATE OR REPLACE FUNCTION impl.bert_words(raw text, settings jsonb)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    control CONSTANT text := E'\u0001-\u0008\u000B-\u000C\u000E-\u001F\u007F-\u009F\u00AD\u0600-\u0605\u061C'
        '\u06DD\u070F\u0890-\u0891\u08E2\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F'
        '\uE000-\uF8FF\uFEFF\uFFF9-\uFFFB\uFFFD\U000110BD\U000110CD\U00013430-\U00013438'
        '\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0001\U000E0020-\U000E007F\U000F0000-\U000FFFFD'
        '\U00100000-\U0010FFFD';
    blank CONSTANT text := E' \t\n\r\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000';
    chinese CONSTANT text := E'\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\U00020000-\U0002A6DF'
        '\U0002A700-\U0002CEAF\U0002F800-\U0002FA1F';
    plain text := raw COLLATE "C";
BEGIN
    plain := regexp_replace(plain, '[' || control || ']', '', 'g');
    IF (settings ->> 'chinese')::boolean THEN
        plain := regexp_replace(plain, '([' || chinese || '])', E' \\1 ', 'g');
    END IF;
    IF (settings ->> 'strip_accents')::boolean THEN
        plain := regexp_replace(normalize(plain, NFD), '[' || impl.accents() || ']', '', 'g');
    END IF;
    IF (settings ->> 'lowercase')::boolean THEN
        plain := lower(plain COLLATE "default") COLLATE "C";
    END IF;
    plain := regexp_replace(plain, '([' || impl.punctuation() || '])', E' \\1 ', 'g');
    RETURN ARRAY(SELECT w.word FROM regexp_split_to_table(plain, '[' || blank || ']+')
                     WITH ORDINALITY AS w(word, at) WHERE w.word <> '' ORDER BY w.at);
END $$;

COMMENT ON FUNCTION impl.bert_words(text, jsonb) IS 'Words of a text as the tokenizers of BERT find them.';
