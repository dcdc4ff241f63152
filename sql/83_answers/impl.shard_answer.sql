-- A shard's answer to its coordinator (impl.ask_shards): `do` names the question, the other keys are its
-- arguments. statistics: those of all shards (impl.outside), by which it then counts and scores instead of by
-- its own. slots: those that the coordinator believes to be here (impl.refuse_stranger). ms: how long it
-- took. It is STABLE, so that nobody can write by a question.
--   SELECT impl.shard_answer('{"do": "hello"}');
CREATE OR REPLACE FUNCTION impl.shard_answer(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = ''
SET extra_float_digits = 1
AS $$
DECLARE
    started CONSTANT timestamptz := clock_timestamp();
    answer jsonb;
BEGIN
    PERFORM impl.refuse_stranger(request);
    PERFORM set_config('seogo.statistics', coalesce((request -> 'statistics')::text, ''), true);
    answer := CASE request ->> 'do'
        WHEN 'ping' THEN '{}'
        WHEN 'hello' THEN impl.answer_hello(request)
        WHEN 'statistics' THEN impl.answer_statistics(request)
        WHEN 'legs' THEN impl.answer_legs(request)
        WHEN 'rows' THEN impl.answer_rows(request)
        WHEN 'suggest' THEN impl.answer_suggest(request)
        WHEN 'nearest' THEN impl.answer_nearest(request)
        WHEN 'vectors' THEN impl.answer_vectors(request)
        WHEN 'hits' THEN impl.answer_hits(request)
        WHEN 'items' THEN impl.answer_items(request)
        WHEN 'listed' THEN impl.answer_listed(request)
        WHEN 'coverage' THEN impl.answer_coverage(request)
        WHEN 'shown' THEN impl.answer_shown(request)
        WHEN 'matching' THEN impl.answer_matching(request)
        WHEN 'vocabulary' THEN impl.answer_vocabulary(request)
        WHEN 'words' THEN impl.answer_words(request)
        WHEN 'failed' THEN impl.answer_failed(request)
        WHEN 'item_vector' THEN impl.answer_item_vector(request)
        WHEN 'matches' THEN impl.answer_matches(request)
        WHEN 'drawn' THEN impl.answer_drawn(request)
        WHEN 'vectored' THEN impl.answer_vectored(request)
        WHEN 'blame' THEN impl.answer_blame(request)
        WHEN 'of_item' THEN impl.answer_of_item(request)
        WHEN 'picture' THEN impl.answer_picture(request)
        WHEN 'stored' THEN impl.answer_stored(request)
        WHEN 'picture_texts' THEN impl.answer_picture_texts(request)
        WHEN 'progress' THEN impl.answer_progress(request)
        WHEN 'first_pictures' THEN impl.answer_first_pictures(request)
        WHEN 'norm' THEN impl.answer_norm(request)
        WHEN 'cases' THEN impl.answer_cases(request)
        WHEN 'compared' THEN impl.answer_compared(request)
        WHEN 'unasked' THEN impl.answer_unasked(request)
        WHEN 'contradictions' THEN impl.answer_contradictions(request)
        WHEN 'lookless' THEN impl.answer_lookless(request)
        WHEN 'known' THEN impl.answer_known(request)
        WHEN 'sampled' THEN impl.answer_sampled(request)
        WHEN 'worded' THEN impl.answer_worded(request)
        WHEN 'word_lists' THEN impl.answer_word_lists(request)
        WHEN 'nameplates' THEN impl.answer_nameplates(request)
        WHEN 'state' THEN impl.answer_state(request)
        WHEN 'size' THEN impl.answer_size(request)
        WHEN 'cites' THEN impl.answer_cites(request)
        WHEN 'cited' THEN impl.answer_cited(request)
        WHEN 'links' THEN impl.answer_links(request)
        WHEN 'windows' THEN impl.answer_windows(request)
        WHEN 'drift' THEN impl.answer_drift(request)
        END;
    IF answer IS NULL THEN
        RAISE EXCEPTION 'this shard does not know the question %', request ->> 'do' USING ERRCODE = 'SG004',
            HINT = 'Coordinator and shards must have one version: `seogo shard doctor`.';
    END IF;
    RETURN answer || jsonb_build_object('ms', 1000 * extract(epoch FROM clock_timestamp() - started));
END $$;

COMMENT ON FUNCTION impl.shard_answer(jsonb) IS 'A shard''s answer to a question of its coordinator.';
