-- Number of items of a collection, from the counts of its lexical index.
--   SELECT impl.collection_size(1);
CREATE OR REPLACE FUNCTION impl.collection_size(cid int)
RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum(s.n_docs), 0)::bigint FROM core.batch AS s
    JOIN core.lexical_index AS x ON x.id = s.index_id AND x.status = 'live' WHERE x.collection_id = cid
$$;

COMMENT ON FUNCTION impl.collection_size(int) IS 'Number of items of a collection.';
