-- Looks up the id of a collection by name. SG004 where its items are on shards: a function that works for
-- such collections asks the shards, and looks up the name by impl.named_collection.
--   SELECT impl.collection_id('parts');
CREATE OR REPLACE FUNCTION impl.collection_id(collection text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
    spread boolean;
BEGIN
    SELECT c.id, EXISTS (SELECT FROM core.shard_slots AS s WHERE s.collection_id = c.id) INTO found, spread
    FROM core.collection AS c WHERE c.name = collection_id.collection;
    IF found IS NULL THEN
        PERFORM impl.refuse_unknown('collection', collection, ARRAY(SELECT c.name FROM core.collection AS c),
                                    'seogo collection create');
    ELSIF spread THEN
        RAISE EXCEPTION 'the items of collection % are on shards, which this does not ask', collection
            USING ERRCODE = 'SG004', HINT = 'Run it on each shard (docs/shards.md says what works where).';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.collection_id(text) IS
    'Id of a collection by name; SG001 when there is none, SG004 when its items are on shards.';
