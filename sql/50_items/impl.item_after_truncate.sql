-- Trigger: empties the lexical indexes after TRUNCATE core.item. Uses DELETE, because TRUNCATE would take
-- locks that readers of several of these tables hold in another order; waits for merges, to see their new
-- blocks.
CREATE OR REPLACE FUNCTION impl.item_after_truncate()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'TRUNCATE core.item needs isolation level read committed' USING ERRCODE = '40001',
            HINT = 'At another, what was written after the snapshot would stay in the lexical indexes.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('seogo merge'), x.id)
    FROM (SELECT l.id FROM core.lexical_index AS l UNION ALL SELECT -s.id FROM ops.space AS s) AS x;
    DELETE FROM core.posting;
    DELETE FROM core.lexical_vector;
    DELETE FROM core.lexical_chunk;
    DELETE FROM core.document;
    DELETE FROM core.batch;
    DELETE FROM core.sparse_fresh;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.item_after_truncate() IS 'Trigger: empties the lexical indexes.';

CREATE OR REPLACE TRIGGER item_after_truncate
    AFTER TRUNCATE ON core.item
    FOR EACH STATEMENT EXECUTE FUNCTION impl.item_after_truncate();
