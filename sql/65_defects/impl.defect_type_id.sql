-- Looks up the id of a product's defect type; NULL without a name.
--   SELECT impl.defect_type_id(impl.product('bracket'), 'scratch');
CREATE OR REPLACE FUNCTION impl.defect_type_id(product core.product, defect text)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found int;
BEGIN
    SELECT d.id INTO found FROM core.defect_type AS d WHERE d.product_id = product.id AND d.name = defect;
    IF found IS NULL AND defect IS NOT NULL THEN
        PERFORM impl.refuse_unknown(
            'defect of ' || product.name, defect,
            ARRAY(SELECT d.name FROM core.defect_type AS d WHERE d.product_id = product.id),
            'seogo defects type');
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.defect_type_id(core.product, text) IS
    'Id of a defect type of a product; SG001 lists the existing ones.';
