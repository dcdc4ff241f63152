-- Creates an embedding space: its first generation, live, and an outbox row for every item with content for
-- it. The HNSW index comes later (`seogo embed` builds it when the vectors are in; ops.build_space_index does
-- the same in SQL): building once is much faster than inserting one by one. kind multi: a vector per token,
-- of `dim` numbers each, compared by late interaction; quantization binary keeps the signs of these alone.
-- kind sparse: weights of the `dim` tokens of a vocabulary, compared by their inner product (distance ip).
--   SELECT ops.create_space('text', 'multilingual-e5-small', 'multilingual-e5-small@1', 384);
CREATE OR REPLACE FUNCTION ops.create_space(
    name text,
    encoder text,
    identity text,
    dim int,
    modality text DEFAULT 'text',
    m int DEFAULT 16,
    ef_construction int DEFAULT 128,
    ef_search int DEFAULT 100,
    distance text DEFAULT 'cosine',
    quantization text DEFAULT 'none',
    min_similarity real DEFAULT NULL,
    kind text DEFAULT 'single')
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted ops.space;
    made int;
BEGIN
    IF create_space.kind = 'sparse' THEN
        create_space.distance := 'ip';
        IF create_space.quantization <> 'none' THEN
            RAISE EXCEPTION 'a space of kind sparse is not quantized' USING ERRCODE = 'SG004',
                HINT = 'Leave `quantization` out.';
        END IF;
    ELSIF create_space.kind = 'multi' AND create_space.distance <> 'cosine' THEN
        RAISE EXCEPTION 'a space of kind multi compares by cosine, not by %', create_space.distance
            USING ERRCODE = 'SG004', HINT = 'Leave `distance` out.';
    END IF;
    SELECT create_space.name, 'live', create_space.encoder, create_space.identity, create_space.dim,
           create_space.modality,
           create_space.m, create_space.ef_construction, create_space.ef_search, create_space.distance,
           create_space.quantization, create_space.min_similarity, create_space.kind
    INTO wanted.name, wanted.status, wanted.encoder, wanted.identity, wanted.dim, wanted.modality,
         wanted.m, wanted.ef_construction, wanted.ef_search, wanted.distance, wanted.quantization,
         wanted.min_similarity, wanted.kind;
    made := impl.make_generation(wanted);
    INSERT INTO ops.outbox (space_id, item_id)
    SELECT made, i.id FROM core.item AS i JOIN core.collection AS c ON c.id = i.collection_id
    WHERE c.vector_sources ? create_space.name
      AND (impl.vector_input(c.vector_sources, create_space.name, i.fields || i.picture_fields) <> '{}'
           OR impl.vector_pictures(c.vector_sources, create_space.name, i.id) <> '{}')
    ORDER BY i.id;
    PERFORM impl.create_on_shards(made), pg_notify('seogo_work', 'spaces');
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.create_space(text, text, text, int, text, int, int, int, text, text, real,
                              text) IS
    'Creates an embedding space (live) with its partition, and queues its items for encoding; returns its '
    'id.';
