-- A query for a space of kind sparse from tokens and their weights, as legs and search.semantic take it.
-- Tokens are written as the tokenizer of its encoder writes them (view search.sparse_tokens), Hangul also in
-- syllables where the vocabulary has its letters; SG004 names one that the vocabulary lacks.
--   SELECT i.external_id, h.score FROM search.semantic('sparse', search.sparse_query('sparse',
--       '{"pump": 1.5, "compressor": 0.4}'), 5) AS h JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.sparse_query(space text, weights jsonb)
RETURNS pgvector.halfvec
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.live_space(space);
    unknown text;
    packed pgvector.halfvec;
BEGIN
    IF live.kind <> 'sparse' OR jsonb_typeof(weights) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'tokens and weights cannot be asked of space % as %', live.name,
            coalesce(jsonb_typeof(weights), 'null')
            USING ERRCODE = 'SG004',
                  HINT = 'Name a space of kind sparse (view search.spaces), and give {"token": weight, …}.';
    END IF;
    SELECT min(w.key) FILTER (WHERE t.token_id IS NULL),
           impl.packed(array_agg(t.token_id) FILTER (WHERE t.token_id IS NOT NULL),
                       array_agg(w.value::float8) FILTER (WHERE t.token_id IS NOT NULL)) INTO unknown, packed
    FROM jsonb_each_text(weights) AS w
    LEFT JOIN core.sparse_token AS t ON t.space_id = live.id AND t.token IN (w.key, normalize(w.key, NFD));
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'the vocabulary of space % has no token %', live.name, unknown
            USING ERRCODE = 'SG004',
                  HINT = 'SELECT token FROM search.sparse_tokens WHERE token LIKE … shows those there are.';
    END IF;
    RETURN packed;
END $$;

COMMENT ON FUNCTION search.sparse_query(text, jsonb) IS
    'A query for a space of kind sparse from tokens and their weights.';
