-- Locks items against other writers until the transaction ends, in order of id, so that two transactions
-- cannot deadlock. A statement after it reads what the other writer has committed.
--   SELECT impl.lock_items(ARRAY[2, 1]);
CREATE OR REPLACE FUNCTION impl.lock_items(item_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM core.item AS i WHERE i.id = ANY (item_ids) ORDER BY i.id FOR NO KEY UPDATE;
END $$;

COMMENT ON FUNCTION impl.lock_items(bigint[]) IS 'Locks items in order of their ids.';
