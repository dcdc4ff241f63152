-- Refuses to put a collection on shards, or to make it a part of one that is, which products have for their
-- pictures or manuals, SG004.
--   SELECT impl.refuse_products(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.refuse_products(cid int)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    told text;
BEGIN
    SELECT format('collection %s has pictures or manuals of product %s', c.name, p.name) INTO told
    FROM core.product AS p JOIN core.collection AS c ON c.id IN (p.collection_id, p.manuals_id)
    WHERE c.id = refuse_products.cid ORDER BY p.name LIMIT 1;
    IF told IS NOT NULL THEN
        RAISE EXCEPTION '%, which are not on shards', told
            USING ERRCODE = 'SG004', HINT = 'Make a collection with shards under another name.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.refuse_products(int) IS
    'Refuses to put a collection on shards which products have for their pictures or manuals.';
