-- Begins a live test: answers to a share of the visitors are drafted from the fusion in use and a profile
-- (search.interleaved), and what they open first decides for one side. It ends by itself when the evidence
-- is 20 (eval.live_tests), or after `most` decided answers. policy: `activate` puts a better profile to
-- use, `propose` leaves that to a person (ops.decide_proposal). Returns the test's id.
-- Errors: SG001 no such collection or profile; SG004 a setting is wrong, the profile is in use or for some
-- queries only, or a test runs already.
--   SELECT eval.start_live_test('parts', 'words-first', share => 0.5);
CREATE OR REPLACE FUNCTION eval.start_live_test(
    collection text,
    profile text,
    share float8 DEFAULT 1,
    most int DEFAULT 2000,
    policy text DEFAULT 'propose')
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    tried eval.profile;
    running text;
    made int;
BEGIN
    SELECT p.* INTO tried FROM eval.profile AS p WHERE p.collection_id = cid AND p.name = profile;
    SELECT p.name INTO running FROM eval.live_test AS t JOIN eval.profile AS p ON p.id = t.profile_id
    WHERE t.collection_id = cid AND t.state = 'running';
    IF tried.id IS NULL THEN
        RAISE EXCEPTION 'collection % has no profile %', collection, profile USING ERRCODE = 'SG001',
            HINT = 'The view eval.profiles lists them.';
    ELSIF tried.active OR num_nonnulls(tried.query_kind, tried.asker) > 0 THEN
        RAISE EXCEPTION 'the profile % of % is in use already, or for some queries only', profile, collection
            USING ERRCODE = 'SG004', HINT = 'Test one that is for all queries and not in use.';
    ELSIF running IS NOT NULL THEN
        RAISE EXCEPTION 'a live test of % runs already: %', collection, running USING ERRCODE = 'SG004',
            HINT = 'Let it end, or stop it: eval.stop_live_test.';
    ELSIF NOT coalesce(share > 0 AND share <= 1 AND most BETWEEN 10 AND 10000000
                       AND policy IN ('propose', 'activate'), false) THEN
        RAISE EXCEPTION 'no live test has share %, most %, policy %', share, most, policy
            USING ERRCODE = 'SG004',
                  HINT = 'share: above 0, up to 1; most: 10 to 10000000; policy: propose or activate.';
    END IF;
    INSERT INTO eval.live_test (collection_id, profile_id, rival_id, share, most, policy)
    SELECT cid, tried.id, (SELECT p.id FROM eval.profile AS p WHERE p.collection_id = cid AND p.active
                           AND num_nonnulls(p.query_kind, p.asker) = 0), share, most, policy
    RETURNING id INTO made;
    RETURN made;
END $$;

COMMENT ON FUNCTION eval.start_live_test(text, text, float8, int, text) IS
    'Begins a live test of a profile against the fusion in use.';
