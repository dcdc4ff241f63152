-- Looks up the id of a collection for products or their manuals; SG004 where its items are on shards: banks
-- and thresholds are learned from all pictures of a product together.
--   SELECT impl.product_collection('parts');
CREATE OR REPLACE FUNCTION impl.product_collection(collection text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    IF impl.is_spread(cid) THEN
        RAISE EXCEPTION 'collection % is on shards, where no products and no manuals of them are', collection
            USING ERRCODE = 'SG004', HINT = 'Name one without shards (`seogo collection create`): '
                '`seogo defects product … --collection`, `seogo defects manuals import … -c`.';
    END IF;
    RETURN cid;
END $$;

COMMENT ON FUNCTION impl.product_collection(text) IS
    'Id of a collection for products or their manuals; SG004 where its items are on shards.';
