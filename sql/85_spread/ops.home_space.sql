-- On a shard: creates the generation of a space that a coordinator has made (a row of ops.space), where it is
-- not there; ops.enqueue_on_shards queues the items of what is being built beside a live one. An empty one in
-- its place, left by a collection that fed the space before the coordinator switched it, is retired; where
-- that one is not empty, nothing is made. Its number, NULL where it is not there.
--   SELECT ops.home_space(to_jsonb(s)) FROM ops.space AS s LIMIT 1;
CREATE OR REPLACE FUNCTION ops.home_space(space jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    s CONSTANT ops.space := jsonb_populate_record(NULL::ops.space, home_space.space);
    made int;
BEGIN
    UPDATE ops.space AS o SET status = 'retired', retired_at = clock_timestamp()
    WHERE o.name = s.name AND o.status IN (s.status, 'building')
      AND (o.identity, o.generation) <> (s.identity, s.generation)
      AND NOT EXISTS (SELECT FROM core.embedding AS e WHERE e.space_id = o.id)
      AND NOT EXISTS (SELECT FROM ops.outbox AS q WHERE q.space_id = o.id);
    UPDATE ops.space AS o SET status = s.status, retired_at = NULL
    WHERE o.name = s.name AND o.identity = s.identity AND o.generation = s.generation
      AND (o.status = 'retired' AND o.retired_at > '-infinity' OR o.status = 'building')
      AND NOT EXISTS (SELECT FROM ops.space AS l WHERE l.name = s.name AND l.status = s.status);
    IF NOT EXISTS (SELECT FROM ops.space AS o WHERE o.name = s.name AND (
            o.identity = s.identity AND o.generation = s.generation OR o.status = 'live' AND s.status = 'live'
            )) THEN
        IF s.status = 'live' THEN
            made := ops.create_space(s.name, s.encoder, s.identity, s.dim, s.modality, s.m, s.ef_construction,
                                     s.ef_search, s.distance, s.quantization, s.min_similarity, s.kind);
        ELSE
            made := ops.start_generation(s.name, s.encoder, s.identity, s.dim, s.modality, s.kind,
                                         s.quantization);
        END IF;
        -- Others may have come and gone on the coordinator meanwhile.
        UPDATE ops.space AS o SET generation = s.generation
        WHERE o.id = made AND o.generation < s.generation;
    END IF;
    RETURN (SELECT o.generation FROM ops.space AS o WHERE o.name = s.name AND o.identity = s.identity
            ORDER BY (o.generation = s.generation) DESC, o.generation DESC LIMIT 1);
END $$;

COMMENT ON FUNCTION ops.home_space(jsonb) IS 'Creates a generation of a coordinator''s space on its shard.';
