-- Name of the collection that a move fills on its target: that of the collection, or, where the target has a
-- part of it that the copy is to join, one of its own, until then.
--   SELECT impl.copy_name(impl.named_collection('parts'), 1, false);   -- parts
CREATE OR REPLACE FUNCTION impl.copy_name(cid int, source int, joins boolean)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN joins THEN 'move-' || left(md5(c.name || '/' || source), 16) ELSE c.name END
    FROM core.collection AS c WHERE c.id = cid
$$;

COMMENT ON FUNCTION impl.copy_name(int, int, boolean) IS
    'Name of the collection that a move fills on its target.';
