-- Strips the Hangul, Han and kana around a word; in running text these are particles, units and names:
-- 모델HD1800-S7의 -> HD1800-S7. Inside the word they stay: 서울12가3456 -> 12가3456. NULL where nothing is left. No
-- SET: inlined into the calling expression.
--   SELECT impl.identifier_core('모델HD1800-S7의');
CREATE OR REPLACE FUNCTION impl.identifier_core(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT substring(normalize(raw, NFKC) COLLATE "C" FROM
        E'[0-9A-Za-z\u00C0-\u10FF\u1200-\u1FFF](?:.*[0-9A-Za-z\u00C0-\u10FF\u1200-\u1FFF])?')
$$;

COMMENT ON FUNCTION impl.identifier_core(text) IS
    'A word without the Hangul, Han and kana around it; NULL where nothing is left.';
