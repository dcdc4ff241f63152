-- Looks up the id of a collection by name, sharded or not. impl.collection_id, which most functions use,
-- refuses sharded ones: what does not ask the shards must not answer as if there were no items.
--   SELECT impl.named_collection('parts');
CREATE OR REPLACE FUNCTION impl.named_collection(collection text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
BEGIN
    SELECT c.id INTO found FROM core.collection AS c WHERE c.name = named_collection.collection;
    IF found IS NULL THEN
        PERFORM impl.refuse_unknown('collection', collection, ARRAY(SELECT c.name FROM core.collection AS c),
                                    'seogo collection create');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.named_collection(text) IS
    'Id of a collection by name, sharded or not; SG001 when there is none.';
