-- Upper-cases an identifier and removes separators between letters and digits. A decimal point stays: 1.05 is
-- not 10.5. No SET: called for each number and word, and SET would cost a tenth.
--   SELECT impl.plain_identifier('nry-1kh/OOO'), impl.plain_identifier('10.5-a1');   -- NRY1KHOOO, 10.5A1
CREATE OR REPLACE FUNCTION impl.plain_identifier(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT regexp_replace(upper(normalize(raw, NFKC) COLLATE "default") COLLATE "C",
        '(?<![0-9])[.]|[.](?![0-9])|[^.' || impl.letters() || ']+', '', 'g')
$$;

COMMENT ON FUNCTION impl.plain_identifier(text) IS
    'An identifier in upper case without separators; decimal points stay.';
