-- A question to the shards of a collection about what search.quality compares (impl.ask_shards). The keys of
-- its fields go along, which are a setting of the coordinator's (impl.judged_collection).
--   SELECT impl.judging_question(impl.named_collection('parts'), 'norm');
CREATE OR REPLACE FUNCTION impl.judging_question(cid int, "do" text, more jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('do', judging_question.do, 'collection', c.name,
                              'statistics', jsonb_build_object('quality', c.quality)) || more
    FROM core.collection AS c WHERE c.id = cid
$$;

COMMENT ON FUNCTION impl.judging_question(int, text, jsonb) IS
    'A question to shards about what search.quality compares.';
