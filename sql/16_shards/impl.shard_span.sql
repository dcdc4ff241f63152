-- Number of ids of each shard: the items of shard 3 have ids from 3 * 10^12, below 2^53 for all 8,999 of
-- them, so that JSON's numbers hold them. No SET: a constant, inlined.
--   SELECT impl.shard_span();
CREATE OR REPLACE FUNCTION impl.shard_span()
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 1000000000000 $$;

COMMENT ON FUNCTION impl.shard_span() IS 'Number of ids of each shard.';
