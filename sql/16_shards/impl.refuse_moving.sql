-- Refuses a change of settings or generations while a collection is being moved, SG004: it would not reach
-- the copy that is being filled.
--   SELECT impl.refuse_moving(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.refuse_moving(cid int)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    told text;
BEGIN
    SELECT format('collection %s is being moved from %s', c.name, impl.shard_name(m.source_id)) INTO told
    FROM core.shard_move AS m JOIN core.collection AS c ON c.id = m.collection_id
    WHERE m.collection_id = refuse_moving.cid LIMIT 1;
    IF told IS NOT NULL THEN
        RAISE EXCEPTION '%', told USING ERRCODE = 'SG004',
            HINT = 'Let `seogo shard move` end first, or give the move up by its --cancel.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.refuse_moving(int) IS 'Refuses a change while a collection is being moved.';
