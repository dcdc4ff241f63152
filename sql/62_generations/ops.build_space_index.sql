-- Builds the HNSW index of a space in this transaction; writers of vectors wait for it. For large spaces,
-- `seogo embed` builds it concurrently instead, with progress.
--   SELECT ops.build_space_index(1);
CREATE OR REPLACE FUNCTION ops.build_space_index(space_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE impl.space_index_statement(space_id, false);
END $$;

COMMENT ON FUNCTION ops.build_space_index(int) IS 'Builds the HNSW index of a space, blocking its writers.';
