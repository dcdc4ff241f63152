-- Metadata of items, read once for several facets; in no order.
--   SELECT impl.metadata_of('{1,2}');
CREATE OR REPLACE FUNCTION impl.metadata_of(ids bigint[])
RETURNS jsonb[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT ARRAY(SELECT i.metadata FROM core.item AS i WHERE i.id = ANY (metadata_of.ids)) $$;

COMMENT ON FUNCTION impl.metadata_of(bigint[]) IS 'Metadata of items as an array.';
