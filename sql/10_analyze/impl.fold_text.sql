-- One spelling for texts that read alike: NFKC (full-width forms, compatibility jamo, ligatures), lower case.
--   SELECT impl.fold_text('ＡＢＣ Straße ㎏');
CREATE OR REPLACE FUNCTION impl.fold_text(raw text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(normalize(raw, NFKC)) $$;

COMMENT ON FUNCTION impl.fold_text(text) IS 'NFKC and lower case.';
