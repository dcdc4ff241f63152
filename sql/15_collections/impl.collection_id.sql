-- The id of a collection, or a clear error.
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
        RAISE EXCEPTION 'unknown collection: %', coalesce(collection, '(null)')
            USING ERRCODE = 'SG001',
                  HINT = 'There are: ' || coalesce((SELECT string_agg(c.name, ', ' ORDER BY c.name)
                                                    FROM core.collection AS c), 'none yet')
                      || '. `seogo collection create` makes one.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.collection_id(text) IS 'Id of a collection by name; SG001 when there is none.';
