-- Looks up the live inverted index of a collection.
--   SELECT (impl.live_index('parts')).analyzer;
CREATE OR REPLACE FUNCTION impl.live_index(collection text)
RETURNS core.lexical_index
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT x FROM core.lexical_index AS x
    WHERE x.collection_id = impl.collection_id(collection) AND x.status = 'live'
$$;

COMMENT ON FUNCTION impl.live_index(text) IS
    'Row of the live inverted index of a collection; SG001 when the collection is unknown.';
