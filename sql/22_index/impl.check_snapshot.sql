-- Refuses to remove items from the lexical indexes with a snapshot that is older than their documents there,
-- which a writer at a level above read committed can have: they would stay. ERRCODE 40001, as for any
-- statement that such a level cannot serialise: try again.
--   SELECT impl.check_snapshot(ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.check_snapshot(item_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed'
       AND (SELECT count(*) FROM core.document AS d JOIN core.lexical_index AS x ON x.id = d.index_id
            WHERE d.item_id = ANY (item_ids) AND x.status = 'live') < cardinality(item_ids) THEN
        RAISE EXCEPTION 'could not serialize access: the lexical index was built anew meanwhile'
            USING ERRCODE = '40001', HINT = 'Try the transaction again, or use read committed.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.check_snapshot(bigint[]) IS
    'Refuses to remove items with a snapshot older than their documents.';
