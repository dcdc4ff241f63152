-- The product of a name, or an error that names those there are: no picture is ever judged by another
-- product's bank.
--   SELECT (impl.product('bracket')).id;
CREATE OR REPLACE FUNCTION impl.product(product text)
RETURNS core.product
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found core.product;
BEGIN
    SELECT p.* INTO found FROM core.product AS p WHERE p.name = product.product;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'unknown product: %', coalesce(product, '(null)')
            USING ERRCODE = 'SG001',
                  HINT = 'There are: ' || coalesce((SELECT string_agg(p.name, ', ' ORDER BY p.name)
                                                    FROM core.product AS p), 'none yet')
                      || '. `seogo defects product` makes one.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.product(text) IS 'Product by name; SG001 names those there are.';
