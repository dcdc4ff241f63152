-- Takes the next step of a merge: each is a short transaction of its own, and begins where the last one
-- ended, since the tables say what is left to do. Readers and writers are not blocked. Returns what was
-- done and for how many documents or lexemes; action NULL: nothing is left; busy: somebody else merges this
-- index.
--   promote    lexemes that have become frequent get vectors
--   chunk      batches become a chunk, together with a small chunk if both fit into one
--   rebuild    chunks of which a quarter is dead, or whose BM25 constants are old, or two small ones
--   fold       more than 8 batches, too few documents for a chunk, become one
--   rescale    vectors whose idf has drifted by a quarter are multiplied by what it has become
-- size 0.001 makes chunks of a thousandth of their size, for tests. Without tidy only the first two, and no
-- chunk that is there is built anew: what a writer does in passing.
--   SELECT * FROM impl.merge_step((impl.live_index('parts')).id);
CREATE OR REPLACE FUNCTION impl.merge_step(
    index_id int,
    size float8 DEFAULT 1,
    tidy boolean DEFAULT true,
    OUT action text,
    OUT done bigint)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    loose_batches CONSTANT int := 8;
    x core.lexical_index;
    fresh record;
    worn record;
BEGIN
    IF NOT impl.may_merge(index_id) THEN
        action := 'busy';
        RETURN;
    END IF;
    SELECT * INTO x FROM core.lexical_index AS l WHERE l.id = index_id FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN;  -- dropped, or swapped away
    END IF;
    done := impl.promote_waiting(x);
    IF done > 0 THEN
        action := 'promote';
        RETURN;
    END IF;
    fresh := impl.loose_batches(x.id, size);
    IF NOT tidy THEN
        IF fresh.makes_chunk THEN
            action := 'chunk';
            done := impl.build_chunk(x, fresh.docs, '{}', fresh.ids);
        END IF;
        RETURN;
    END IF;
    worn := impl.worn_chunks(x, CASE WHEN fresh.makes_chunk THEN fresh.doc_n ELSE 0 END,
                             CASE WHEN fresh.makes_chunk THEN fresh.tokens ELSE 0 END, size,
                             NOT fresh.makes_chunk);
    IF fresh.makes_chunk THEN
        action := 'chunk';
        done := impl.build_chunk(x, fresh.docs || worn.docs, worn.nos, fresh.ids);
    ELSIF worn.nos <> '{}' THEN
        action := 'rebuild';
        done := impl.build_chunk(x, worn.docs, worn.nos, '{}');
    ELSIF cardinality(fresh.ids) > loose_batches THEN
        action := 'fold';
        done := impl.fold_batches(x.id, fresh.ids);
    ELSE
        done := impl.rescale_terms(x);
        action := CASE WHEN done > 0 THEN 'rescale' END;
    END IF;
END $$;

COMMENT ON FUNCTION impl.merge_step(int, float8, boolean) IS
    'Takes the next step of a merge of a lexical index; resumable, safe beside readers and writers.';
