-- Slot of an item, 0 to 4095: the first 12 bits of the md5 of its external_id, the same on every machine and
-- in every version of PostgreSQL. A shard has the items of whole slots.
--   SELECT impl.shard_slot('P0002');
CREATE OR REPLACE FUNCTION impl.shard_slot(external_id text)
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT ('x' || left(md5(convert_to(external_id, 'UTF8')), 3))::bit(12)::int $$;

COMMENT ON FUNCTION impl.shard_slot(text) IS 'Slot of an item by its external_id, 0 to 4095.';
