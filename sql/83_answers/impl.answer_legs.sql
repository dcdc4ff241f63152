-- Runs legs of a hybrid query on a shard: per leg its ranked items as arrays, how they were found, and how
-- long it took.
--   SELECT impl.answer_legs('{"collection": "parts", "query": "pump", "legs": [{"kind": "lexical"}]}');
CREATE OR REPLACE FUNCTION impl.answer_legs(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leg search.leg;
    ran record;
    started timestamptz;
    found jsonb := '[]';
BEGIN
    FOREACH leg IN ARRAY impl.legs_from_json(request -> 'legs') LOOP
        started := clock_timestamp();
        ran := impl.run_leg(request ->> 'collection', request ->> 'query', leg, request ->> 'filter');
        found := found || jsonb_build_object(
            'name', leg.name, 'ids', ran.ids::text, 'scores', ran.scores::text, 'detail', ran.detail,
            'ms', 1000 * extract(epoch FROM clock_timestamp() - started));
    END LOOP;
    RETURN jsonb_build_object('legs', found);
END $$;

COMMENT ON FUNCTION impl.answer_legs(jsonb) IS 'Legs of a hybrid query, run on a shard.';
