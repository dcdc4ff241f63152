-- Last step of dropping a generation: its table, which must be detached, and its row, with which go its queries,
-- measurements and throttle. Needs, for a moment, that nobody uses core.item: set lock_timeout and repeat.
--   SELECT ops.remove_generation(1);
CREATE OR REPLACE FUNCTION ops.remove_generation(space_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    part CONSTANT text := 'embedding_' || space_id;
BEGIN
    IF EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = to_regclass('core.' || part)) THEN
        RAISE EXCEPTION 'core.% is still a partition', part USING ERRCODE = 'SG004',
            HINT = format('ALTER TABLE core.embedding DETACH PARTITION core.%I CONCURRENTLY', part);
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS core.%I', part);
    DELETE FROM ops.space AS s WHERE s.id = space_id AND s.status = 'retired';
END $$;

COMMENT ON FUNCTION ops.remove_generation(int) IS 'Removes the table and the row of a generation; last step of dropping it.';
