-- Refuses to measure or tune the index of a space whose vectors are all on shards, SG004: there is none here,
-- and each shard's is its own.
--   SELECT impl.refuse_away(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.refuse_away(live ops.space)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT text := (
        SELECT string_agg(DISTINCT h.name, ', ') FROM core.shard_slots AS l
        JOIN core.shard AS h ON h.id = l.shard_id JOIN core.collection AS c ON c.id = l.collection_id
        WHERE c.vector_sources ? live.name);
BEGIN
    IF away IS NOT NULL AND NOT EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = live.id) THEN
        RAISE EXCEPTION 'the vectors of space % are on shards: %', live.name, away USING ERRCODE = 'SG004',
            HINT = 'Each has an index of its own: measure and tune it there, with SEOGO_DATABASE_URL of the '
                'shard.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.refuse_away(ops.space) IS
    'Refuses to measure or tune the index of a space whose vectors are all on shards.';
