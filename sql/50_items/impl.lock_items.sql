-- Locks items against other writers until the transaction ends: in one order, so that two who meet wait for,
-- not on, each other. What a statement reads afterwards is what the other has written.
--   SELECT impl.lock_items(ARRAY[2, 1]);
CREATE OR REPLACE FUNCTION impl.lock_items(item_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM core.item AS i WHERE i.id = ANY (item_ids) ORDER BY i.id FOR NO KEY UPDATE;
END $$;

COMMENT ON FUNCTION impl.lock_items(bigint[]) IS 'Locks items in the order of their ids.';
