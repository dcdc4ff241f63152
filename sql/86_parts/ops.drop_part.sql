-- On a shard: deletes the copy of a collection that a move has left behind, or was filling and is given up;
-- SG004 for a part that is asked or written. Returns its number of items.
--   SELECT ops.drop_part('parts');
CREATE OR REPLACE FUNCTION ops.drop_part(name text)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.filling = 'on'  -- its items are elsewhere: who cites them goes on to
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(name);
    n bigint;
BEGIN
    DELETE FROM core.shard_home AS h
    WHERE h.collection_id = cid
      AND (h.state IN ('left', 'filling') OR h.state = 'closed' AND h.mover IS NOT NULL);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the part of collection % there is no kept copy: it is in use', name
            USING ERRCODE = 'SG004', HINT = 'Move it first: seogo shard move.';
    END IF;
    SELECT d.items INTO n FROM ops.delete_collection(name) AS d;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.drop_part(text) IS 'Deletes the copy of a collection that a move has left behind.';
