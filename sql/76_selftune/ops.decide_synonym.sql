-- Accepts or refuses a proposed synonym; the last decision counts. SG001 where there is no such proposal.
--   SELECT ops.decide_synonym(1, accept => false);
CREATE OR REPLACE FUNCTION ops.decide_synonym(proposal_id bigint, accept boolean)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided ops.synonym_proposal;
BEGIN
    UPDATE ops.synonym_proposal AS s
    SET state = CASE WHEN accept THEN 'accepted' ELSE 'refused' END, decided_at = now()
    WHERE s.id = proposal_id RETURNING s.* INTO decided;
    IF decided.id IS NULL THEN
        RAISE EXCEPTION 'unknown proposal of a synonym: %', coalesce(proposal_id::text, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Proposals are rows of ops.proposed_synonyms().';
    END IF;
    RETURN decided.state;
END $$;

COMMENT ON FUNCTION ops.decide_synonym(bigint, boolean) IS
    'Accepts or refuses a proposed synonym; returns its state.';
