-- The id of a product's defect type, NULL for no name, or an error that names those there are.
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
        RAISE EXCEPTION 'unknown defect of %: %', product.name, defect
            USING ERRCODE = 'SG001',
                  HINT = 'There are: ' || coalesce((SELECT string_agg(d.name, ', ' ORDER BY d.name)
                                                    FROM core.defect_type AS d
                                                    WHERE d.product_id = product.id), 'none yet')
                      || '. `seogo defects type` makes one.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.defect_type_id(core.product, text) IS
    'Id of a defect type of a product; SG001 names those there are.';
