-- Starts a generation of a space by another model, beside the live one: from now on new content is queued for
-- both. ops.enqueue_stale queues the existing items, page by page (`seogo reembed start` does both). With the
-- same model again it continues the one being built. Known query texts are encoded again, too. Returns its
-- id. modality: of the model, NULL for that of the live one; a model of texts and pictures may take over a
-- space of pictures, which words can ask then, too. A space that a collection feeds and that has no
-- generation yet gets its first one, of that modality: it, too, is judged before it goes live. kind: single,
-- multi or sparse, of the model; they may follow each other in one space, whose legs keep their name.
-- quantization: binary keeps signs, none keeps half floats; NULL as in the live generation.
--   SELECT ops.start_generation('text', 'multilingual-e5-small', 'multilingual-e5-small@2 …', 384);
CREATE OR REPLACE FUNCTION ops.start_generation(
    space text,
    encoder text,
    identity text,
    dim int,
    modality text DEFAULT NULL,
    kind text DEFAULT 'single',
    quantization text DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    wanted CONSTANT text := split_part(space, '@', 1);
    live ops.space;
    building ops.space;
    stored text;
BEGIN
    IF modality IS NOT NULL AND EXISTS (SELECT FROM core.collection AS c WHERE c.vector_sources ? wanted)
       AND NOT EXISTS (SELECT FROM ops.space AS s WHERE s.name = wanted AND s.status <> 'building') THEN
        -- The settings that ops.create_space gives.
        SELECT wanted, 16, 128, 100, 'cosine', 'none'
        INTO live.name, live.m, live.ef_construction, live.ef_search, live.distance, live.quantization;
    ELSE
        live := impl.live_space(wanted);
    END IF;
    IF live.modality <> modality AND NOT (live.modality = 'image' AND modality = 'multimodal') THEN
        RAISE EXCEPTION '% encodes %, space % holds %', encoder, modality, live.name, live.modality
            USING ERRCODE = 'SG004', HINT = '`seogo models list` says what each encoder is for.';
    END IF;
    stored := CASE WHEN kind = 'sparse' THEN 'none' ELSE coalesce(quantization, live.quantization) END;
    IF kind = 'sparse' AND quantization <> 'none' THEN
        RAISE EXCEPTION 'a space of kind sparse is not quantized'
            USING ERRCODE = 'SG004', HINT = 'Leave `quantization` out.';
    END IF;
    IF kind = 'multi' AND live.distance <> 'cosine' AND live.kind <> 'sparse' THEN
        RAISE EXCEPTION 'space % compares by %, and a generation of kind multi by cosine', live.name,
            live.distance
            USING ERRCODE = 'SG004', HINT = 'Feed another space with it.';
    END IF;
    SELECT s.* INTO building FROM ops.space AS s WHERE s.name = wanted AND s.status = 'building';
    IF building.identity = identity AND building.quantization = stored THEN
        RETURN building.id;
    ELSIF building.id IS NOT NULL THEN
        RAISE EXCEPTION 'space % is being built by another model: %', wanted, building.identity
            USING ERRCODE = 'SG004', HINT = 'Switch to it or drop it first: seogo reembed status.';
    ELSIF live.identity = identity AND live.quantization = stored THEN
        RAISE EXCEPTION 'the live generation of space % was made by this very model', live.name
            USING ERRCODE = 'SG004',
                  HINT = 'Its vectors would be the same. What is stale: search.stale, ops.enqueue_stale.';
    END IF;
    building := live;
    building.status := 'building';
    building.encoder := encoder;
    building.identity := identity;
    building.dim := dim;
    building.modality := coalesce(modality, live.modality);
    building.kind := kind;
    building.quantization := stored;
    IF kind = 'sparse' THEN
        building.distance := 'ip';
    ELSIF live.kind = 'sparse' THEN
        building.distance := 'cosine';
    END IF;
    building.min_similarity := NULL;
    building.id := impl.make_generation(building);
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    SELECT building.id, v.query_hash, v.query FROM ops.query_vector AS v WHERE v.space_id = live.id;
    PERFORM impl.create_on_shards(building.id), pg_notify('seogo_work', 'spaces');
    RETURN building.id;
END $$;

COMMENT ON FUNCTION ops.start_generation(text, text, text, int, text, text, text) IS
    'Starts a generation of a space beside the live one, its first one, or continues it; returns its id.';
