-- On a shard: creates the generation of a space that a coordinator has made (a row of ops.space), where it is
-- not there; ops.enqueue_on_shards queues the items of what is being built beside a live one. Its number.
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
    IF NOT EXISTS (SELECT FROM ops.space AS o WHERE o.name = s.name AND o.identity = s.identity
                   AND o.generation = s.generation) THEN
        IF s.status = 'live' THEN
            PERFORM ops.create_space(s.name, s.encoder, s.identity, s.dim, s.modality, s.m, s.ef_construction,
                                     s.ef_search, s.distance, s.quantization, s.min_similarity, s.kind);
            -- The first one there, whatever came before it on the coordinator.
            UPDATE ops.space AS o SET generation = s.generation
            WHERE o.name = s.name AND o.status = 'live' AND o.generation = 1;
        ELSE
            made := ops.start_generation(s.name, s.encoder, s.identity, s.dim, s.modality, s.kind,
                                         s.quantization);
            -- Others may have come and gone on the coordinator meanwhile.
            UPDATE ops.space AS o SET generation = s.generation
            WHERE o.id = made AND o.generation < s.generation;
        END IF;
    END IF;
    RETURN (SELECT max(o.generation) FROM ops.space AS o WHERE o.name = s.name AND o.identity = s.identity);
END $$;

COMMENT ON FUNCTION ops.home_space(jsonb) IS 'Creates a generation of a coordinator''s space on its shard.';
