-- Stores looks of pictures on the shards that have these. Returns how many. For ops.store_looks.
--   SELECT ops.looks_on_shards('[]');
CREATE OR REPLACE FUNCTION ops.looks_on_shards(looks jsonb)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN impl.counted_on_shards(impl.shards_of(NULL), ARRAY[format(
        'SELECT ops.store_looks(%L)::text', looks_on_shards.looks)]);
END $$;

COMMENT ON FUNCTION ops.looks_on_shards(jsonb) IS 'Stores looks of pictures on the shards that have these.';
