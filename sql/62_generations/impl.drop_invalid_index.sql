-- Drops the HNSW index of a space if its concurrent build was interrupted; returns 1 if there was one.
--   SELECT impl.drop_invalid_index(1);
CREATE OR REPLACE FUNCTION impl.drop_invalid_index(space_id int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    index_name text := 'embedding_' || space_id || '_hnsw';
BEGIN
    IF EXISTS (SELECT FROM pg_index AS i
               WHERE i.indexrelid = to_regclass('core.' || index_name) AND NOT i.indisvalid) THEN
        EXECUTE format('DROP INDEX core.%I', index_name);
        RETURN 1;
    END IF;
    RETURN 0;
END $$;

COMMENT ON FUNCTION impl.drop_invalid_index(int) IS 'Drops the remains of an interrupted index build.';
