-- Runs legs that do not need each other (impl.run_leg), a row each; where the items are on shards, all legs
-- on all shards at once.
--   SELECT * FROM impl.run_legs('parts', 'pump', ARRAY[search.lexical_leg(), search.identifier_leg()], NULL);
CREATE OR REPLACE FUNCTION impl.run_legs(collection text, query text, legs search.leg[], filter text)
RETURNS TABLE (name text, ids bigint[], scores float8[])
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    leg search.leg;
BEGIN
    IF legs IS NULL THEN
        RETURN;
    ELSIF impl.is_spread(impl.named_collection(collection)) THEN
        RETURN QUERY SELECT r.name, r.ids, r.scores
            FROM impl.shard_legs(collection, query, legs, filter) AS r;
        RETURN;
    END IF;
    FOREACH leg IN ARRAY legs LOOP
        name := leg.name;
        SELECT r.ids, r.scores INTO ids, scores FROM impl.run_leg(collection, query, leg, filter) AS r;
        RETURN NEXT;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.run_legs(text, text, search.leg[], text)
    IS 'Ranked items of several legs, as arrays.';
