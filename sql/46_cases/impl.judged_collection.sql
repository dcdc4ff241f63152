-- A collection as the rules of search.quality read its items: on a shard with the keys (`quality`) that came
-- along from its coordinator (impl.judging_question), whose setting they are.
--   SELECT (impl.judged_collection(impl.named_collection('parts'))).quality;
CREATE OR REPLACE FUNCTION impl.judged_collection(cid int)
RETURNS core.collection
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_populate_record(c, CASE WHEN impl.outside('quality') IS NULL THEN '{}'
                                         ELSE jsonb_build_object('quality', impl.outside('quality')) END)
    FROM core.collection AS c WHERE c.id = cid
$$;

COMMENT ON FUNCTION impl.judged_collection(int) IS
    'A collection with the keys by which the rules of search.quality read its items.';
