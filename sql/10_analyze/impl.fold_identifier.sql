-- Folds part and serial numbers for comparison: upper case, only letters and digits of any script, and one
-- character for those that OCR and people confuse (O->0, I/L->1, S->5, B->8, Z->2). No SET: called for each
-- number and word, and SET would cost a tenth.
--   SELECT impl.fold_identifier('nry-1kh/OOO'), impl.fold_identifier('12가 3456');   -- NRY1KH000, 12가3456
CREATE OR REPLACE FUNCTION impl.fold_identifier(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT translate(regexp_replace(upper(normalize(raw, NFKC) COLLATE "default") COLLATE "C",
        '[^' || impl.letters() || ']+', '', 'g'), 'OILSBZ', '011582')
$$;

COMMENT ON FUNCTION impl.fold_identifier(text) IS
    'Normal form of a part or serial number; empty when it has no letter or digit.';
