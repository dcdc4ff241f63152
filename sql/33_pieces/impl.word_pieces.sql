-- Tokens of a text in the vocabulary of a space of kind sparse, by their numbers, in their order: of each
-- word the longest piece that the vocabulary has, then the longest of the rest; a word that is not made of
-- pieces is the unknown token (WordPiece). Wu et al.: Google's Neural Machine Translation System, 2016.
--   SELECT impl.word_pieces(1, 'Vacuum pumps', (impl.live_space('sparse')).tokenizer);
CREATE OR REPLACE FUNCTION impl.word_pieces(space_id int, raw text, settings jsonb)
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_variable
DECLARE
    longest CONSTANT int := settings ->> 'longest';
    most CONSTANT int := settings ->> 'most';
    word text;
    at int;
    piece record;
    pieces int[];
    tokens int[] := '{}';
BEGIN
    FOREACH word IN ARRAY impl.bert_words(raw, settings) LOOP
        EXIT WHEN cardinality(tokens) >= most;
        at := 1;
        pieces := '{}';
        WHILE at <= length(word) AND length(word) <= longest LOOP
            SELECT t.token_id, n INTO piece
            FROM generate_series(1, length(word) - at + 1) AS n
            JOIN core.sparse_token AS t ON t.space_id = word_pieces.space_id AND t.token =
                (CASE WHEN at > 1 THEN settings ->> 'prefix' ELSE '' END || substr(word, at, n)) COLLATE "C"
            ORDER BY n DESC LIMIT 1;
            EXIT WHEN NOT FOUND;
            pieces := pieces || piece.token_id;
            at := at + piece.n;
        END LOOP;
        IF at <= length(word) THEN
            pieces := ARRAY(SELECT t.token_id FROM core.sparse_token AS t
                            WHERE t.space_id = word_pieces.space_id
                              AND t.token = (settings ->> 'unknown') COLLATE "C");
        END IF;
        tokens := tokens || pieces;
    END LOOP;
    RETURN tokens[:most];
END $$;

COMMENT ON FUNCTION impl.word_pieces(int, text, jsonb) IS
    'Tokens of a text in the vocabulary of a space of kind sparse.';
