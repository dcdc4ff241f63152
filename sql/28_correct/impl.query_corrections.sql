-- Pieces of a query (impl.query_words) with what each is meant to be, before it is decided what to offer: two
-- that are one word together (impl.joined_word) are one piece. wrong: the word is not right (impl.is_right);
-- meant: the likeliest correction, if any; sure: see impl.word_corrections. Behind the third wrong word of
-- which nothing sure is known, no more are looked at: the query is not in the words of the collection.
--   SELECT * FROM impl.query_corrections(impl.live_vocabulary('parts'), impl.live_index('parts'), 'vacum');
CREATE OR REPLACE FUNCTION impl.query_corrections(v core.vocabulary, x core.lexical_index, query text)
RETURNS TABLE (gap text, raw text, meant text, how text, n int, sure boolean, wrong boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    -- Two edits need 20 items that have the word, or a neighbour that stands beside it there.
    least_score CONSTANT float8 := -5;
    strange_n CONSTANT int := 3;
    strange int := 0;
    pieces record;
    at int := 1;
BEGIN
    SELECT array_agg(p.gap ORDER BY p.piece_no) AS gaps, array_agg(p.raw ORDER BY p.piece_no) AS raws,
           array_agg(p.word ORDER BY p.piece_no) AS words, array_agg(p.script ORDER BY p.piece_no) AS scripts
    INTO pieces FROM impl.query_words(query) AS p;
    WHILE at <= cardinality(pieces.raws) LOOP
        gap := pieces.gaps[at];
        raw := pieces.raws[at];
        meant := NULL;
        sure := false;
        wrong := false;
        IF pieces.scripts[at] IS NOT NULL AND strange < strange_n THEN
            IF pieces.scripts[at] = pieces.scripts[at + 1] AND pieces.gaps[at + 1] ~ E'^\\s+$' THEN
                SELECT j.joined, 'spacing', j.n, j.joined IS NOT NULL INTO meant, how, n, sure
                FROM impl.joined_word(v.id, pieces.words[at], pieces.words[at + 1]) AS j;
            END IF;
            IF meant IS NOT NULL THEN
                at := at + 1;
                raw := raw || pieces.gaps[at] || pieces.raws[at];
            ELSIF length(raw) > 1 AND NOT impl.is_right(v.id, x, pieces.words[at]) THEN
                wrong := true;
                SELECT c.word, c.how, c.n, c.sure INTO meant, how, n, sure
                FROM impl.word_corrections(v.id, raw, pieces.words[at - 1], pieces.words[at + 1]) AS c
                WHERE c.score >= least_score LIMIT 1;
                strange := strange + (sure IS NOT TRUE)::int;
            END IF;
        END IF;
        RETURN NEXT;
        at := at + 1;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.query_corrections(core.vocabulary, core.lexical_index, text) IS
    'Pieces of a query with what each is meant to be, before it is decided what to offer.';
