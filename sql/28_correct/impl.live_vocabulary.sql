-- Looks up the vocabulary in force of a collection; a row of NULLs before its words are counted.
--   SELECT (impl.live_vocabulary('parts')).documents;
CREATE OR REPLACE FUNCTION impl.live_vocabulary(collection text)
RETURNS core.vocabulary
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v FROM (SELECT impl.named_collection(collection) AS id OFFSET 0) AS c
    LEFT JOIN core.vocabulary AS v ON v.collection_id = c.id AND v.live
$$;

COMMENT ON FUNCTION impl.live_vocabulary(text) IS
    'Row of the vocabulary in force of a collection; SG001 when the collection is unknown.';
