-- Starts a generation of a space by another model, beside the live one: from now on new content is queued for
-- both. ops.enqueue_stale queues the existing items, page by page (`seogo reembed start` does both). With the
-- same model again it continues the one being built. Known query texts are encoded again, too. Returns its
-- id.
--   SELECT ops.start_generation('text', 'multilingual-e5-small', 'multilingual-e5-small@2 …', 384);
CREATE OR REPLACE FUNCTION ops.start_generation(space text, encoder text, identity text, dim int)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    live ops.space := impl.live_space(split_part(space, '@', 1));
    building ops.space;
BEGIN
    SELECT s.* INTO building FROM ops.space AS s WHERE s.name = live.name AND s.status = 'building';
    IF building.identity = identity THEN
        RETURN building.id;
    ELSIF building.id IS NOT NULL THEN
        RAISE EXCEPTION 'space % is being built by another model: %', live.name, building.identity
            USING ERRCODE = 'SG004', HINT = 'Switch to it or drop it first: seogo reembed status.';
    ELSIF live.identity = identity THEN
        RAISE EXCEPTION 'the live generation of space % was made by this very model', live.name
            USING ERRCODE = 'SG004',
                  HINT = 'Its vectors would be the same. What is stale: search.stale, ops.enqueue_stale.';
    END IF;
    building := live;
    building.status := 'building';
    building.encoder := encoder;
    building.identity := identity;
    building.dim := dim;
    building.min_similarity := NULL;
    building.id := impl.make_generation(building);
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    SELECT building.id, v.query_hash, v.query FROM ops.query_vector AS v WHERE v.space_id = live.id;
    PERFORM pg_notify('seogo_work', 'spaces');
    RETURN building.id;
END $$;

COMMENT ON FUNCTION ops.start_generation(text, text, text, int) IS
    'Starts a generation of a space beside the live one, or continues it; returns its id.';
