-- Creates a generation of a space: its row and its partition of core.embedding. The partition is created
-- apart and then attached, for which readers need not wait; writers of items do, and from the end of this
-- transaction on they know of the generation. Returns its id.
--   SELECT impl.make_generation(jsonb_populate_record(NULL::ops.space, '{"name": "text",
--       "status": "building", …}'));
CREATE OR REPLACE FUNCTION impl.make_generation(wanted ops.space)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made int;
    part text;
BEGIN
    INSERT INTO ops.space (name, generation, status, encoder, identity, dim, modality, m, ef_construction,
                           ef_search, distance, quantization, min_similarity, kind)
    SELECT wanted.name, coalesce(max(s.generation), 0) + 1, wanted.status, wanted.encoder, wanted.identity,
           wanted.dim, wanted.modality,
           wanted.m, wanted.ef_construction, wanted.ef_search, wanted.distance, wanted.quantization,
           wanted.min_similarity, wanted.kind
    FROM ops.space AS s WHERE s.name = wanted.name
    RETURNING id INTO made;
    part := 'embedding_' || made;
    EXECUTE format('CREATE TABLE core.%I (LIKE core.embedding INCLUDING ALL)', part);
    -- Inline and uncompressed: a look-up and a decompression less per vector read. Wide ones (over 3,900
    -- dimensions) would not fit a page and stay as they are.
    IF wanted.dim <= 3900 THEN
        EXECUTE format('ALTER TABLE core.%I ALTER vec SET STORAGE PLAIN', part);
    END IF;
    IF wanted.kind = 'sparse' THEN
        -- The cast refuses other vocabularies.
        EXECUTE format('ALTER TABLE core.%I ALTER doc SET NOT NULL, ALTER token_weights SET NOT NULL,
            ADD CHECK (token_weights::pgvector.sparsevec(%s) IS NOT NULL), ADD UNIQUE (doc)',
            part, wanted.dim);
        EXECUTE format('CREATE TRIGGER number_weighed BEFORE INSERT OR UPDATE OF token_weights ON core.%I
            FOR EACH ROW EXECUTE FUNCTION impl.number_weighed()', part);
    ELSE
        EXECUTE format('ALTER TABLE core.%I ALTER vec SET NOT NULL,
            ADD CHECK (pgvector.vector_dims(vec) = %s)', part, wanted.dim);
    END IF;
    IF wanted.kind = 'multi' THEN
        -- Half floats do not compress; trying costs time.
        EXECUTE format('ALTER TABLE core.%I ALTER tokens SET STORAGE EXTERNAL', part);
        EXECUTE format('ALTER TABLE core.%I ADD CHECK (coalesce(cardinality(%I), 0) > 0)', part,
                       CASE wanted.quantization WHEN 'binary' THEN 'token_bits' ELSE 'tokens' END);
    END IF;
    EXECUTE format('ALTER TABLE core.embedding ATTACH PARTITION core.%I FOR VALUES IN (%s)', part, made);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'seogo_reader') THEN
        EXECUTE format('GRANT SELECT ON core.%I TO seogo_reader', part);
    END IF;
    RETURN made;
END $$;

COMMENT ON FUNCTION impl.make_generation(ops.space) IS
    'Creates a generation of a space with its partition; returns its id.';
