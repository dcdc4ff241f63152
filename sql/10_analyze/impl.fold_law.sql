-- Folds the name of a law for comparison: lower case, without spaces, quotes and middle dots. No SET: inlined
-- into the calling expression.
--   SELECT impl.fold_law('「남녀고용평등과 일ㆍ가정 양립 지원에 관한 법률」');
CREATE OR REPLACE FUNCTION impl.fold_law(name text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT regexp_replace(lower(normalize(name, NFKC)) COLLATE "C", E'[^0-9a-z가-힣\u4E00-\u9FFF]+', '', 'g')
$$;

COMMENT ON FUNCTION impl.fold_law(text) IS
    'Normal form of the name of a law; empty when it has no letter or digit.';
