-- Accepts or refuses a proposed synonym; the last decision counts. Accepted, the two words are a group of
-- synonyms (ops.set_synonyms), refused that group is removed. SG001 where there is no such proposal, SG004
-- where the words cannot be synonyms.
--   SELECT impl.decide_synonym(1, accept => false);
CREATE OR REPLACE FUNCTION impl.decide_synonym(proposal_id bigint, accept boolean)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided ops.synonym_proposal;
    written record;
BEGIN
    UPDATE ops.synonym_proposal AS s
    SET state = CASE WHEN accept THEN 'accepted' ELSE 'refused' END, decided_at = now()
    WHERE s.id = proposal_id RETURNING s.* INTO decided;
    IF decided.id IS NULL THEN
        RAISE EXCEPTION 'unknown proposal of a synonym: %', coalesce(proposal_id::text, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Proposals are rows of ops.proposals(), such as synonym-12.';
    END IF;
    IF accept THEN
        SELECT w.* INTO written FROM ops.set_synonyms(
            (SELECT c.name FROM core.collection AS c WHERE c.id = decided.collection_id),
            jsonb_build_array(jsonb_build_object('words', to_jsonb(decided.words)))) AS w;
        IF written.done = 'refused' THEN
            RAISE EXCEPTION '%', written.reason
                USING ERRCODE = 'SG004', HINT = 'Refuse the proposal instead.';
        END IF;
    ELSE
        DELETE FROM core.synonym_group AS g
        WHERE g.collection_id = decided.collection_id AND g.typed = '{}' AND g.words = decided.words;
    END IF;
    RETURN decided.state;
END $$;

COMMENT ON FUNCTION impl.decide_synonym(bigint, boolean) IS
    'Accepts or refuses a proposed synonym; returns its state.';
