-- Explains the score of an item in a space of kind sparse: the tokens that the query and the item's best row
-- share, with the weight of each on both sides and their product, the largest first; the products add up to
-- the score. in_words: how the query came by the token is not known, but whether the item's text has it as a
-- part of a word is: false means that it met by meaning, the model added it. token: as the tokenizer writes
-- it, Hangul in syllables.
-- Without a vector the stored one of the query text is used, or its own tokens by idf (impl.query_vector).
--   SELECT token, contribution FROM search.weight_matches('sparse', 1, '진공 펌프 소음');
CREATE OR REPLACE FUNCTION search.weight_matches(
    space text,
    item_id bigint,
    query text,
    query_vec pgvector.halfvec DEFAULT NULL)
RETURNS TABLE (
    token text,
    query_weight float8,
    item_weight float8,
    contribution float8,
    in_words boolean,
    source text,
    part_no int,
    stale boolean)
LANGUAGE plpgsql STABLE ROWS 20
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    live CONSTANT ops.space := impl.live_space(space);
    vec CONSTANT pgvector.halfvec := coalesce(query_vec, impl.query_vector(live.id, query));
    asked record;
    best record;
    content text;
BEGIN
    IF live.kind <> 'sparse' THEN
        RAISE EXCEPTION 'space % has no weights of tokens', live.name
            USING ERRCODE = 'SG004', HINT = 'search.spaces says the kind of each: sparse is needed here.';
    ELSIF vec IS NULL THEN
        RAISE EXCEPTION 'no weights of the query are stored in space %', live.name USING ERRCODE = 'SG003',
            HINT = 'Give them, or SELECT search.request_vector(query, space) and wait for the worker.';
    END IF;
    PERFORM impl.check_vector(vec, live);
    IF impl.ids_away(ARRAY[item_id]) <> '{}' THEN
        RETURN QUERY SELECT m.token, m.query_weight, m.item_weight, m.contribution, m.in_words, m.source,
                            m.part_no, m.stale
        FROM jsonb_to_recordset(impl.matches_away('weights', live, item_id, query, vec)) AS m(
            token text, query_weight float8, item_weight float8, contribution float8, in_words boolean,
            source text, part_no int, stale boolean);
        RETURN;
    END IF;
    asked := impl.unpacked(vec);
    SELECT e.source, e.part_no, e.token_weights, e.content_hash INTO best FROM core.embedding AS e
    WHERE e.space_id = live.id AND e.item_id = weight_matches.item_id
    ORDER BY e.token_weights OPERATOR(pgvector.<#>) impl.weights_vector(asked.ids, asked.weights, live.dim),
             e.source, e.part_no LIMIT 1;
    SELECT substr(c.content, coalesce(k.start_at, 0) + 1,
                  coalesce(k.stop_at, length(c.content)) - coalesce(k.start_at, 0)) INTO content
    FROM core.item AS i
    JOIN core.collection AS o ON o.id = i.collection_id
    CROSS JOIN LATERAL impl.vector_content(o.vector_sources, live.name, live.modality, i.id,
                                           i.fields || i.picture_fields) AS c
    LEFT JOIN core.chunk AS k ON k.item_id = i.id AND k.space_id = live.id AND k.source = c.source
        AND k.part_no = best.part_no
    WHERE i.id = weight_matches.item_id AND c.source = best.source AND c.content_hash = best.content_hash;
    RETURN QUERY
    SELECT coalesce(normalize(t.token, NFC), '#' || q.id), q.weight, w.weight::float8, q.weight * w.weight,
           strpos(impl.bare_text(content), impl.bare_token(t.token)) > 0, best.source, best.part_no,
           content IS NULL
    FROM unnest(asked.ids, asked.weights) AS q(id, weight)
    JOIN impl.weights_of(best.token_weights) AS w ON w.token_id = q.id
    LEFT JOIN core.sparse_token AS t ON t.space_id = live.id AND t.token_id = q.id
    WHERE q.weight <> 0
    ORDER BY q.weight * w.weight DESC, q.id;
END $$;

COMMENT ON FUNCTION search.weight_matches(text, bigint, text, pgvector.halfvec) IS
    'Tokens that a query and an item share in a space of kind sparse, with weights and products.';
