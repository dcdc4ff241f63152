-- Looks up the id of a collection by name.
--   SELECT impl.collection_id('parts');
CREATE OR REPLACE FUNCTION impl.collection_id(collection text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
BEGIN
    SELECT c.id INTO found FROM core.collection AS c WHERE c.name = collection_id.collection;
    IF found IS NULL THEN
        PERFORM impl.refuse_unknown('collection', collection, ARRAY(SELECT c.name FROM core.collection AS c),
                                    'seogo collection create');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.collection_id(text) IS 'Id of a collection by name; SG001 when there is none.';
