-- Asks for a trial of a profile: the task try_profiles asks a judged set, compares the profile with the
-- fusion in use, query by query, and puts it to use where the guard lets it through. source NULL: the set has
-- one source of judgments. A trial that was asked for before is replaced.
-- Errors: SG001 no such collection, profile, set or source; SG004 the profile is in use.
--   SELECT eval.request_trial('parts', 'words-first', 'asked', 'people');
CREATE OR REPLACE FUNCTION eval.request_trial(
    collection text,
    profile text,
    query_set text,
    source text DEFAULT NULL,
    measure text DEFAULT 'nDCG@10')
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    tried eval.profile;
BEGIN
    PERFORM impl.measure(measure);
    SELECT p.* INTO tried FROM eval.profile AS p
    WHERE p.collection_id = impl.named_collection(collection) AND p.name = profile FOR UPDATE;
    IF tried.id IS NULL THEN
        RAISE EXCEPTION 'collection % has no profile %', collection, profile USING ERRCODE = 'SG001',
            HINT = 'The view eval.profiles lists them.';
    ELSIF tried.active THEN
        RAISE EXCEPTION 'the profile % of % is in use already', profile, collection USING ERRCODE = 'SG004',
            HINT = 'Try one that is not.';
    END IF;
    UPDATE eval.profile AS p
    SET trial = jsonb_build_object(
        'query_set', query_set, 'measure', measure, 'asked_at', now(),
        'source', impl.judgment_source(impl.query_set_id(query_set), source))
    WHERE p.id = tried.id;
END $$;

COMMENT ON FUNCTION eval.request_trial(text, text, text, text, text) IS
    'Asks for a trial of a fusion profile on a judged set.';
