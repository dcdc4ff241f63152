-- Trigger: gives a new collection its lexical index. A change of analyzer or weights adds a second index,
-- which `seogo maintain` (ops.build_lexical) builds while the first one answers. It keeps k1 and b of BM25:
-- those of the index that was being built, if there was one, since these were set last.
CREATE OR REPLACE FUNCTION impl.collection_after_write()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    latest record;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.lexical_index (collection_id, analyzer, field_weights, analyzer_version)
        VALUES (new.id, new.analyzer, new.field_weights, impl.analyzer_version());
    ELSIF (new.analyzer, new.field_weights) IS DISTINCT FROM (old.analyzer, old.field_weights) THEN
        SELECT x.k1, x.b INTO latest
        FROM core.lexical_index AS x WHERE x.collection_id = new.id
        ORDER BY x.status = 'building' DESC LIMIT 1;
        DELETE FROM core.lexical_index WHERE collection_id = new.id AND status = 'building';
        INSERT INTO core.lexical_index
            (collection_id, status, analyzer, field_weights, k1, b, analyzer_version)
        VALUES (new.id, 'building', new.analyzer, new.field_weights, latest.k1, latest.b,
                impl.analyzer_version());
        PERFORM impl.store_synonym_terms(g.id) FROM core.synonym_group AS g WHERE g.collection_id = new.id;
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.collection_after_write() IS
    'Trigger: keeps a lexical index per collection that has its settings, and synonyms as its tokens.';

CREATE OR REPLACE TRIGGER collection_after_write
    AFTER INSERT OR UPDATE ON core.collection
    FOR EACH ROW EXECUTE FUNCTION impl.collection_after_write();
