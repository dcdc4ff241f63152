-- Trigger: keeps the tokens of synonyms, by whatever program they are written, and refuses words without a
-- letter or digit.
CREATE OR REPLACE FUNCTION impl.synonym_group_after_write()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token_n CONSTANT int := 16;
    bad text;
BEGIN
    SELECT w INTO bad FROM core.lexical_index AS x CROSS JOIN unnest(new.typed || new.words) AS w
    WHERE x.collection_id = new.collection_id
      AND coalesce(cardinality(search.analyze(x.analyzer, w)), 0) NOT BETWEEN 1 AND token_n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cannot take % as a synonym', coalesce(quote_literal(bad), 'NULL')
            USING ERRCODE = 'SG004',
                  HINT = 'A word or phrase that the search knows: no stop word alone, nothing without a '
                         'letter or digit, at most 16 tokens.';
    END IF;
    PERFORM impl.store_synonym_terms(new.id);
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.synonym_group_after_write() IS 'Trigger: keeps the tokens of synonyms.';

CREATE OR REPLACE TRIGGER synonym_group_after_write
    AFTER INSERT OR UPDATE ON core.synonym_group
    FOR EACH ROW EXECUTE FUNCTION impl.synonym_group_after_write();
