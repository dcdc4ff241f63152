-- The live space in which the pictures of a collection are compared: the first by name; NULL where it has
-- none.
--   SELECT (impl.quality_space(impl.named_collection('parts'))).name;
CREATE OR REPLACE FUNCTION impl.quality_space(cid int)
RETURNS ops.space
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s FROM ops.space AS s JOIN core.collection AS c ON c.vector_sources ? s.name
    WHERE c.id = cid AND s.status = 'live' AND s.modality = 'image' ORDER BY s.name LIMIT 1
$$;

COMMENT ON FUNCTION impl.quality_space(int) IS
    'The live space in which the pictures of a collection are compared.';
