-- Corrects a mistyped query by the words of the collection ("did you mean"): typing errors by letters, in
-- Hangul by those of the keyboard; words typed with the other keyboard (wlsrhd -> 진공); words typed as one, or
-- one as several. Words that the collection has stay, and so do part numbers, citations, quantities and
-- formulas. One row: `corrected` is NULL where nothing is to be corrected; `changes` says what was typed,
-- what is meant, how (typing, keyboard, spacing), and how many items have it.
--
-- A word that the collection has not may also be right, and merely be near to one that it has. A slip of the
-- fingers is therefore seen only where the other words are known (of up to four, all but two; of more, all
-- but one), or where the collection has the corrected word beside its neighbour; and in a query of more than
-- six words only in a word of at least five letters (in Hangul seven): a shorter one has many near to it. A
-- query of more than 20 words is a text that was pasted, and stays: `unchecked` is how many words it has.
-- `uncounted`: by how many items the vocabulary and the collection differ; `seogo maintain` counts anew. Of a
-- collection on shards the vocabulary is the sum of theirs, which `seogo maintain` makes on the coordinator.
--   SELECT corrected, changes FROM search.correct('parts', 'vacum wlsrhd');
CREATE OR REPLACE FUNCTION search.correct(
    collection text,
    query text,
    OUT corrected text,
    OUT changes jsonb,
    OUT unchecked bigint,
    OUT uncounted bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- Measured by bench/corrections.py: more corrections of right queries than of mistyped ones beyond these.
    typed_n CONSTANT int := 20;
    short_n CONSTANT int := 6;
    long_latin CONSTANT int := 5;
    long_hangul CONSTANT int := 7;
    n_words int;
    cid CONSTANT int := impl.named_collection(collection);
    spread CONSTANT boolean := impl.is_spread(cid);
    v CONSTANT core.vocabulary := impl.live_vocabulary(collection);
    x CONSTANT core.lexical_index := CASE WHEN spread THEN impl.named_index(cid)
                                          ELSE impl.live_index(collection) END;
BEGIN
    changes := '[]';
    uncounted := CASE WHEN spread THEN (SELECT u.missing FROM impl.uncounted_items(cid) AS u)
                      ELSE abs(impl.collection_size(cid) - coalesce(v.documents, 0)) END;
    SELECT count(*) FILTER (WHERE p.script IS NOT NULL) INTO n_words FROM impl.query_words(query) AS p;
    unchecked := CASE WHEN n_words > typed_n THEN n_words ELSE 0 END;
    IF v.id IS NULL OR unchecked > 0 OR search.query_kind(query) IN ('formula', 'picture') THEN
        RETURN;
    END IF;
    WITH piece AS MATERIALIZED (
        SELECT p.*, row_number() OVER () AS no, n_words AS word_n,
               length(impl.split_hangul(p.raw)) AS letter_n,
               count(*) FILTER (WHERE p.wrong AND p.sure IS NOT TRUE) OVER () AS strange_n
        FROM impl.query_corrections(v, x, query) AS p
    ),
    decided AS (
        SELECT p.*, impl.like_case(p.raw, p.meant) AS instead,
               p.meant IS NOT NULL AND (p.sure OR p.strange_n <= CASE WHEN p.word_n <= 4 THEN 2 ELSE 1 END)
               AND (p.word_n <= short_n OR p.how = 'keyboard' OR p.how = 'spacing' AND length(p.meant) > 2
                    OR p.letter_n >= CASE WHEN p.raw ~ '[a-zA-Z]' THEN long_latin ELSE long_hangul END
               ) AS offered
        FROM piece AS p
    )
    SELECT CASE WHEN bool_or(d.offered)
                THEN string_agg(d.gap || CASE WHEN d.offered THEN d.instead ELSE d.raw END, '' ORDER BY d.no)
                     || substring(query FROM '[^' || impl.letters() || ']*$') END,
           coalesce(jsonb_agg(jsonb_build_object('typed', d.raw, 'meant', d.instead, 'how', d.how,
                                                 'items', d.n) ORDER BY d.no) FILTER (WHERE d.offered), '[]')
    INTO corrected, changes FROM decided AS d;
END $$;

COMMENT ON FUNCTION search.correct(text, text) IS
    'A mistyped query corrected by the words of its collection ("did you mean"); NULL: nothing is wrong.';
