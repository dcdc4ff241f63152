-- Removes a detached generation, one step per call: each foreign key of its table; then the table and its
-- row, with its queries, measurements and throttle. Returns true after the last step. Dropping a foreign key
-- needs, for a moment, exclusive access to the table it refers to: one per transaction, for searches hold
-- several of those tables, and two at once could end in a deadlock. Set lock_timeout and repeat.
--   SELECT ops.remove_generation(1);
CREATE OR REPLACE FUNCTION ops.remove_generation(space_id int)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    part CONSTANT text := 'embedding_' || space_id;
    foreign_key text := (SELECT min(c.conname) FROM pg_constraint AS c
                         WHERE c.conrelid = to_regclass('core.' || part) AND c.contype = 'f');
BEGIN
    IF EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = to_regclass('core.' || part)) THEN
        RAISE EXCEPTION 'core.% is still a partition', part USING ERRCODE = 'SG004',
            HINT = format('ALTER TABLE core.embedding DETACH PARTITION core.%I CONCURRENTLY', part);
    END IF;
    IF foreign_key IS NOT NULL THEN
        EXECUTE format('ALTER TABLE core.%I DROP CONSTRAINT %I', part, foreign_key);
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS core.%I', part);
    DELETE FROM core.lexical_vector AS t WHERE t.index_id = -space_id;
    DELETE FROM core.lexical_chunk AS c WHERE c.index_id = -space_id;
    DELETE FROM core.sparse_fresh AS f WHERE f.space_id = remove_generation.space_id;
    DELETE FROM ops.space AS s WHERE s.id = space_id AND s.status = 'retired';
    RETURN true;
END $$;

COMMENT ON FUNCTION ops.remove_generation(int) IS
    'Removes the table and the row of a generation, one step per call; true when done.';
