-- Tests whether what is here of a collection is a copy that nobody is to see: being filled by a move, or kept
-- after one. Questions by id, which go to all shards, leave such items out.
--   SELECT impl.is_hidden(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.is_hidden(cid int)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM core.shard_home AS h
                   WHERE h.collection_id = cid AND h.state IN ('filling', 'left'))
$$;

COMMENT ON FUNCTION impl.is_hidden(int) IS
    'Tests whether what is here of a collection is a copy of a move, which nobody is to see.';
