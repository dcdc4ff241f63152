-- Legs of a run for one of its queries. words: the words for lexical and identifier legs; without any they
-- are left out. The vector of a vector leg is: the one given for its space, required for a picture query in a
-- picture space; else the known one of the text (search.request_vector); else that of the item: the mean of
-- its stored vectors, of the leg's source where it names one. A leg whose space does not fit the query, or
-- for which the item has nothing that could be encoded, is left out; a vector that is only missing is an
-- error.
--   SELECT impl.query_legs(impl.evaluation_run(1), (SELECT q
--       FROM eval.query AS q LIMIT 1), 'pump', NULL, NULL);
CREATE OR REPLACE FUNCTION impl.query_legs(
    run eval.run,
    query eval.query,
    words text,
    self_id bigint,
    query_vecs jsonb)
RETURNS search.leg[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leg search.leg;
    live ops.space;
    shown boolean;  -- is the query's picture part of what this space compares
    legs search.leg[] := '{}';
BEGIN
    FOREACH leg IN ARRAY impl.legs_from_json(run.legs) LOOP
        -- The query's own item takes a place in every list.
        leg.pool_n := leg.pool_n + (self_id IS NOT NULL)::int;
        IF leg.kind <> 'vector' THEN
            CONTINUE WHEN words IS NULL;
        ELSE
            live := impl.live_space(leg.space);
            leg.vec := (query_vecs ->> leg.space)::pgvector.halfvec;
            shown := query.picture_id IS NOT NULL AND live.modality <> 'text';
            IF leg.vec IS NULL AND query.text IS NOT NULL AND live.modality <> 'image' AND NOT shown THEN
                leg.vec := impl.query_vector(live.id, query.text);
            ELSIF leg.vec IS NULL AND self_id IS NOT NULL AND NOT shown THEN
                leg.vec := impl.item_vector(live, self_id, leg.source);
                -- An item that has nothing for this space asks without it, as in a search by an item.
                CONTINUE WHEN leg.vec IS NULL AND impl.item_state(live, self_id) = 'none';
            ELSIF leg.vec IS NULL AND NOT shown THEN
                CONTINUE;
            END IF;
            IF leg.vec IS NULL THEN
                RAISE EXCEPTION 'query % has no vector in space %', query.external_id, leg.space
                    USING ERRCODE = 'SG003',
                    HINT = 'Of an item: `seogo embed`. Of a text: search.request_vector(text, space), then '
                           '`seogo embed`. `seogo eval run` encodes texts and pictures itself.';
            END IF;
        END IF;
        legs := legs || leg;
    END LOOP;
    IF legs = '{}' THEN
        RAISE EXCEPTION 'no leg of run % can answer query %', run.id, query.external_id
            USING ERRCODE = 'SG004',
            HINT = 'Words need a text or an item; a space of texts or of pictures needs one of its kind, or '
                   'an item.';
    END IF;
    RETURN legs;
END $$;

COMMENT ON FUNCTION impl.query_legs(eval.run, eval.query, text, bigint, jsonb) IS
    'Legs of a run with the vectors of one query.';
