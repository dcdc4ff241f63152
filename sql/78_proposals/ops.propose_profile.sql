-- Proposes a saved profile of a collection that measured better than the fusion in use; evidence says on
-- what. Accepted, it is put to a live test (ops.decide_proposal). Returns whether it is new.
--   SELECT ops.propose_profile('parts', 'words-first', '{"source": "clicks", "gain": 0.04}');
CREATE OR REPLACE FUNCTION ops.propose_profile(
    collection text, profile text, evidence jsonb, score float8 DEFAULT 1)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    IF NOT EXISTS (SELECT FROM eval.profile AS p WHERE p.collection_id = cid AND p.name = profile) THEN
        RAISE EXCEPTION 'collection % has no profile %', collection, profile USING ERRCODE = 'SG001',
            HINT = 'The view eval.profiles lists them.';
    END IF;
    RETURN impl.put_proposal(cid, 'profile', profile, score, evidence);
END $$;

COMMENT ON FUNCTION ops.propose_profile(text, text, jsonb, float8) IS
    'Proposes a saved profile that measured better than the fusion in use.';
