-- Corrects a mistyped query by the words of the collection ("did you mean"): typing errors by letters, in
-- Hangul by those of the keyboard; words typed with the other keyboard (wlsrhd -> 진공); words typed as one, or
-- one as several. A word that the collection has stays, and so do part numbers, citations, quantities and
-- formulas. One row: `corrected` is NULL where nothing is to be corrected. `changes` says what was typed, what
-- is meant, how (typing, keyboard, spacing) and how many items have it. `unchecked`: words not looked at,
-- since they are behind the first 24 of a query. `uncounted`: by how many items the vocabulary and the
-- collection differ; `seogo maintain` counts what is new.
--   SELECT corrected, changes FROM search.correct('parts', 'vacum wlsrhd');
CREATE OR REPLACE FUNCTION search.correct(
    collection text,
    query text,
    OUT corrected text,
    OUT changes jsonb,
    OUT unchecked int,
    OUT uncounted bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    word_n CONSTANT int := 24;
    correction_n CONSTANT int := 6;  -- words corrected at most: more is another language, or noise
    -- Two edits need 20 items that have the word, or a neighbour that stands beside it there.
    least_score CONSTANT float8 := -5;
    v CONSTANT core.vocabulary := impl.live_vocabulary(collection);
    x CONSTANT core.lexical_index := impl.live_index(collection);
    pieces CONSTANT record := (
        SELECT r FROM (SELECT array_agg(p.gap ORDER BY p.piece_no) AS gaps, array_agg(p.raw ORDER BY p.piece_no) AS raws,
                              array_agg(p.word ORDER BY p.piece_no) AS words,
                              array_agg(p.script ORDER BY p.piece_no) AS scripts
                       FROM impl.query_words(query) AS p) AS r);
    piece_n CONSTANT int := coalesce(cardinality(pieces.raws), 0);
    answer text := '';
    at int := 1;
    looked int := 0;
    meant text;
    how text;
    n int;
    taken int;
BEGIN
    changes := '[]';
    uncounted := abs(impl.collection_size(x.collection_id) - coalesce(v.documents, 0));
    unchecked := 0;
    IF v.id IS NULL OR search.query_kind(query) IN ('formula', 'picture') THEN
        RETURN;
    END IF;
    WHILE at <= piece_n LOOP
        meant := NULL;
        taken := 1;
        IF pieces.scripts[at] IS NOT NULL THEN
            looked := looked + 1;
            IF looked > word_n THEN
                unchecked := unchecked + 1;
            ELSIF jsonb_array_length(changes) < correction_n THEN
                IF pieces.scripts[at] = pieces.scripts[at + 1] AND pieces.gaps[at + 1] ~ '^\s+$' THEN
                    SELECT j.joined, 'spacing', j.n INTO meant, how, n
                    FROM impl.joined_word(v.id, pieces.words[at], pieces.words[at + 1]) AS j;
                END IF;
                IF meant IS NOT NULL THEN
                    taken := 2;
                ELSIF length(pieces.words[at]) > 1 AND NOT impl.is_right(v.id, x, pieces.words[at]) THEN
                    SELECT c.word, c.how, c.n INTO meant, how, n
                    FROM impl.word_corrections(v.id, pieces.raws[at],
                                               pieces.words[at - 1], pieces.words[at + 1]) AS c
                    WHERE c.score >= least_score LIMIT 1;
                END IF;
            END IF;
        END IF;
        answer := answer || pieces.gaps[at] || coalesce(meant, pieces.raws[at]);
        IF meant IS NOT NULL THEN
            changes := changes || jsonb_build_object(
                'typed', array_to_string(pieces.raws[at : at + taken - 1], ' '), 'meant', meant, 'how', how, 'items', n);
        END IF;
        at := at + taken;
    END LOOP;
    IF changes <> '[]' THEN
        corrected := answer || substring(query FROM '[^' || impl.letters() || ']*$');
    END IF;
END $$;

COMMENT ON FUNCTION search.correct(text, text) IS
    'A mistyped query corrected by the words of its collection ("did you mean"); NULL where nothing is wrong.';
