-- Multiplies numbers that are not below 0 in their order; 1 where there are none. NULL counts as 1, and what
-- is below 1e-150 as that: the product of two smaller ones would be an underflow, which is an error.
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
        product := greatest(product, 1e-150) * greatest(coalesce(factor, 1), 1e-150);
    END LOOP;
    RETURN product;
END $$;

COMMENT ON FUNCTION impl.multiplied(float8[]) IS 'Product of numbers, multiplied in their order.';
