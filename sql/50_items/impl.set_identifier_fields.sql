-- Sets the fields of a collection in which part numbers stand, and reads them from all its items; NULL, or
-- the same ones, changes nothing. Who writes items waits, so that nothing is written by the old fields after.
--   SELECT impl.set_identifier_fields(impl.named_collection('parts'), '{part_number, model}');
CREATE OR REPLACE FUNCTION impl.set_identifier_fields(cid int, wanted text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    items bigint[];
BEGIN
    IF wanted IS NULL OR wanted = (SELECT c.identifier_fields FROM core.collection AS c WHERE c.id = cid) THEN
        RETURN;
    END IF;
    IF array_position(wanted, NULL) IS NOT NULL OR '' = ANY (wanted) OR cardinality(wanted) > 100 THEN
        RAISE EXCEPTION 'these are no names of fields' USING ERRCODE = 'SG004',
            HINT = 'Up to 100 fields or metadata keys, such as {part_number, model}.';
    END IF;
    -- New items refer to this row, and wait for it.
    PERFORM FROM core.collection AS c WHERE c.id = cid FOR UPDATE;
    UPDATE core.collection AS c SET identifier_fields = wanted WHERE c.id = cid;
    items := ARRAY(SELECT i.id FROM core.item AS i WHERE i.collection_id = cid);
    PERFORM impl.lock_items(items);
    PERFORM impl.refresh_identifiers(items);
END $$;

COMMENT ON FUNCTION impl.set_identifier_fields(int, text[]) IS
    'Sets the fields in which part numbers of a collection stand, and reads them from all its items.';
