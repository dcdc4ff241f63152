-- Words of a text for a vocabulary, in order: runs of 2 to 20 Hangul syllables or of 2 to 32 Latin letters,
-- folded. Other runs (numbers, codes, Han, single letters) are NULL, so that what stood on either side of one
-- is not taken for neighbours. No SET: called for each field, and SET would cost a tenth.
--   SELECT impl.vocabulary_words('Dry pump HD1800, 진공 펌프');   -- {dry,pump,NULL,진공,펌프}
CREATE OR REPLACE FUNCTION impl.vocabulary_words(body text)
RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT ARRAY(SELECT CASE WHEN run COLLATE "C" ~ E'^(?:[가-힣]{2,20}|[a-z\u00DF-\u00F6\u00F8-\u024F]{2,32})$'
                             THEN run END
                 FROM unnest(impl.text_runs(impl.fold_text(body))) AS run WHERE run <> '')
$$;

COMMENT ON FUNCTION impl.vocabulary_words(text) IS
    'Words of a text in order, NULL for each run that is none: numbers, codes, single letters.';
