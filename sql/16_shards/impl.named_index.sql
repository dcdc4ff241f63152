-- Lexical index of a collection, by whose analyzer a coordinator reads queries; it has no documents where the
-- items are on shards.
--   SELECT (impl.named_index(impl.named_collection('parts'))).analyzer;
CREATE OR REPLACE FUNCTION impl.named_index(cid int)
RETURNS core.lexical_index
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT x FROM core.lexical_index AS x WHERE x.collection_id = cid AND x.status = 'live'
$$;

COMMENT ON FUNCTION impl.named_index(int) IS 'Lexical index of a collection, sharded or not.';
