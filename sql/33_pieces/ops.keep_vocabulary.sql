-- Keeps the vocabulary of a space of kind sparse: its tokens by their numbers from 0, their weights in
-- queries that go through no model (idf, NULL: queries go through the encoder), and the settings of the
-- tokenizer (impl.word_pieces; NULL: queries are not taken apart here). What is there already stays.
-- Runs as the owner: workers may add a vocabulary, and change none.
--   SELECT ops.keep_vocabulary(1, '{[UNK],pump,##s}', '{0,2.5,0.1}', '{"lowercase": true}');
CREATE OR REPLACE FUNCTION ops.keep_vocabulary(
    space_id int,
    tokens text[],
    idf float8[] DEFAULT NULL,
    tokenizer jsonb DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made bigint;
    dim CONSTANT int := (SELECT s.dim FROM ops.space AS s WHERE s.id = space_id AND s.kind = 'sparse');
BEGIN
    IF cardinality(tokens) IS DISTINCT FROM dim OR cardinality(idf) <> dim THEN
        RAISE EXCEPTION 'a vocabulary of % tokens does not fit space %, which has %',
            coalesce(cardinality(tokens), 0), space_id, coalesce(dim, 0)
            USING ERRCODE = 'SG004', HINT = 'Give the tokens of the encoder of that space, of kind sparse.';
    END IF;
    INSERT INTO core.sparse_token (space_id, token_id, token, idf)
    SELECT space_id, t.n - 1, t.token, t.idf FROM unnest(tokens, idf) WITH ORDINALITY AS t(token, idf, n)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE ops.space AS s SET tokenizer = keep_vocabulary.tokenizer WHERE s.id = space_id AND made > 0;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.keep_vocabulary(int, text[], float8[], jsonb) IS
    'Keeps the vocabulary of a space of kind sparse.';
