-- A new collection gets a lexical index. A change of analyzer or weights gets a second one, built beside by
-- `seogo maintain` (ops.build_lexical) while the first one answers; it keeps the constants of BM25.
CREATE OR REPLACE FUNCTION impl.collection_after_write()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.lexical_index (collection_id, analyzer, field_weights) VALUES (new.id, new.analyzer, new.field_weights);
    ELSIF (new.analyzer, new.field_weights) IS DISTINCT FROM (old.analyzer, old.field_weights) THEN
        DELETE FROM core.lexical_index WHERE collection_id = new.id AND status = 'building';
        INSERT INTO core.lexical_index (collection_id, status, analyzer, field_weights, k1, b)
        SELECT new.id, 'building', new.analyzer, new.field_weights, x.k1, x.b
        FROM core.lexical_index AS x WHERE x.collection_id = new.id AND x.status = 'live';
    END IF;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.collection_after_write() IS 'Trigger: keeps a lexical index per collection that has its settings.';

CREATE OR REPLACE TRIGGER collection_after_write
    AFTER INSERT OR UPDATE ON core.collection
    FOR EACH ROW EXECUTE FUNCTION impl.collection_after_write();
