-- Everything that is proposed, in one list: profiles to put to a test or to use, synonyms, queries to judge.
-- `proposal` names one for ops.decide_proposal: profile-3, synonym-12, labels-7. Profiles first, then
-- synonyms, then queries, each by score, which is in a unit of its own kind. Evidence and queries are
-- personal data: the rights of ops.
--   SELECT proposal, kind, subject, evidence FROM ops.proposals('parts');
CREATE OR REPLACE FUNCTION ops.proposals(
    only_collection text DEFAULT NULL,
    only_state text DEFAULT 'open',
    only_kind text DEFAULT NULL,
    k int DEFAULT 100)
RETURNS TABLE (proposal text, collection text, kind text, subject text, score float8, evidence jsonb,
               state text, decided_by text, proposed_at timestamptz, decided_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH listed AS (
        SELECT p.kind || '-' || p.id AS proposal, p.collection_id, p.kind, p.subject, p.score, p.evidence,
               p.state, p.decided_by, p.proposed_at, p.decided_at, p.id
        FROM ops.proposal AS p
        UNION ALL
        SELECT 'synonym-' || s.id, s.collection_id, 'synonym', array_to_string(s.words, ' = '), s.score,
               s.evidence || jsonb_build_object('from', s.origin), s.state,
               CASE WHEN s.state <> 'open' THEN 'person' END, s.proposed_at, s.decided_at, s.id
        FROM ops.synonym_proposal AS s
    )
    SELECT l.proposal, c.name, l.kind, l.subject, l.score, l.evidence, l.state, l.decided_by, l.proposed_at,
           l.decided_at
    FROM core.collection AS c JOIN listed AS l ON l.collection_id = c.id
    WHERE c.id = CASE WHEN only_collection IS NULL THEN c.id ELSE impl.named_collection(only_collection) END
      AND (only_state IS NULL OR l.state = only_state) AND (only_kind IS NULL OR l.kind = only_kind)
    ORDER BY array_position('{profile,synonym,labels}', l.kind), l.score DESC, l.id
    LIMIT impl.at_least('k', proposals.k, 0)
$$;

COMMENT ON FUNCTION ops.proposals(text, text, text, int) IS
    'Proposed profiles, synonyms and queries to judge, in one list; state NULL: all.';
