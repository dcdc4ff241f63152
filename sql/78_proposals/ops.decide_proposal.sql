-- Accepts or refuses a proposal of ops.proposals, as a person or by a policy (decided_by). Accepted, a
-- profile that won a live test goes to use; another profile is put to one, which puts it to use only if
-- people open its items more (eval.start_live_test); synonyms are a group (impl.decide_synonym), a query is
-- in the set `to-judge`. Returns the state.
-- Errors: SG001 no such proposal; SG004 it cannot be accepted, for the reason said.
--   SELECT ops.decide_proposal('profile-3', accept => true);
CREATE OR REPLACE FUNCTION ops.decide_proposal(
    proposal text, accept boolean, decided_by text DEFAULT 'person')
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts CONSTANT text[] := regexp_match(proposal, '^(profile|synonym|labels)-([0-9]{1,18})$');
    decided ops.proposal;
    named text;
BEGIN
    IF parts[1] = 'synonym' THEN
        RETURN impl.decide_synonym(parts[2]::bigint, accept);
    END IF;
    UPDATE ops.proposal AS p
    SET state = CASE WHEN accept THEN 'accepted' ELSE 'refused' END, decided_at = now(),
        decided_by = decide_proposal.decided_by
    WHERE p.id = parts[2]::bigint AND p.kind = parts[1] RETURNING p.* INTO decided;
    IF decided.id IS NULL THEN
        RAISE EXCEPTION 'unknown proposal: %', coalesce(proposal, '(null)') USING ERRCODE = 'SG001',
            HINT = 'Proposals are rows of ops.proposals(), such as profile-3.';
    ELSIF NOT accept THEN
        RETURN decided.state;
    END IF;
    SELECT c.name INTO named FROM core.collection AS c WHERE c.id = decided.collection_id;
    IF decided.kind = 'labels' THEN
        PERFORM eval.add_query('to-judge', decided.subject);
    ELSIF decided.evidence ? 'live_test' THEN
        PERFORM impl.use_profile(p.id) FROM eval.profile AS p
        WHERE p.collection_id = decided.collection_id AND p.name = decided.subject;
    ELSE
        PERFORM eval.start_live_test(named, decided.subject, policy => 'activate');
    END IF;
    RETURN decided.state;
END $$;

COMMENT ON FUNCTION ops.decide_proposal(text, boolean, text) IS
    'Accepts or refuses a proposal; returns its state.';
