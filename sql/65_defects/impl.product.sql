-- Looks up a product by name; an error otherwise, so that no picture is judged by another product's bank.
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
        PERFORM impl.refuse_unknown('product', product, ARRAY(SELECT p.name FROM core.product AS p),
                                    'seogo defects product');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.product(text) IS 'Product by name; SG001 lists the existing ones.';
