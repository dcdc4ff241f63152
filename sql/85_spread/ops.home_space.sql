-- On a shard: creates the generation of a space that a coordinator has made (a row of ops.space), where it is
-- not there; what is being built beside a live one gets all items into the outbox. Its number here.
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
            INSERT INTO ops.outbox (space_id, item_id)
            SELECT made, i.id FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
            WHERE c.vector_sources ? s.name
              AND (impl.vector_input(c.vector_sources, s.name, i.fields || i.picture_fields) <> '{}'
                   OR impl.vector_pictures(c.vector_sources, s.name, i.id) <> '{}')
            ORDER BY i.id ON CONFLICT DO NOTHING;
        END IF;
    END IF;
    RETURN (SELECT max(o.generation) FROM ops.space AS o WHERE o.name = s.name AND o.identity = s.identity);
END $$;

COMMENT ON FUNCTION ops.home_space(jsonb) IS 'Creates a generation of a coordinator''s space on its shard.';
