-- Multiplies numbers in their order; 1 where there are none. NULL counts as 1.
--   SELECT impl.multiplied('{1.2,0.5}');
CREATE OR REPLACE FUNCTION impl.multiplied(factors float8[])
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    factor float8;
    product float8 := 1;
BEGIN
    FOREACH factor IN ARRAY coalesce(factors, '{}') LOOP
        product := product * coalesce(factor, 1);
    END LOOP;
    RETURN product;
END $$;

COMMENT ON FUNCTION impl.multiplied(float8[]) IS 'Product of numbers, multiplied in their order.';
