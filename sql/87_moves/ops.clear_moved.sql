-- Deletes the next items here, batch_n, of a collection whose move from here is switched: they are on the
-- shards under the same ids. What refers to them by id, such as clicks, stays. Returns how many; 0 when all
-- are gone, and of a move from a shard, whose old place is kept.
--   SELECT ops.clear_moved('parts', 'here');
CREATE OR REPLACE FUNCTION ops.clear_moved(collection text, shard text, batch_n int DEFAULT 1000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.filling = 'on'  -- its items are elsewhere: who cites them goes on to
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    n bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM core.shard_move AS m WHERE m.collection_id = cid AND m.switched_at IS NOT NULL
                   AND m.source_id = impl.shard_number(shard)) THEN
        RAISE EXCEPTION 'no move of collection % from % is switched', collection, shard
            USING ERRCODE = 'SG004', HINT = '`seogo shard move` does all steps.';
    ELSIF impl.shard_number(shard) <> 0 THEN
        RETURN 0;
    END IF;
    DELETE FROM core.shard_home AS h WHERE h.collection_id = cid;  -- closed until now
    -- At once: counted down item by item, they take ten times as long as all the rest.
    DELETE FROM core.title AS t WHERE t.collection_id = cid;
    DELETE FROM core.completion AS k WHERE k.collection_id = cid AND k.source IN ('t', 'w', 'p');
    DELETE FROM core.item AS i WHERE i.id = ANY (ARRAY(
        SELECT o.id FROM core.item AS o WHERE o.collection_id = cid ORDER BY o.id LIMIT batch_n));
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

COMMENT ON FUNCTION ops.clear_moved(text, text, int) IS
    'Deletes items here that have moved from here to shards.';
