-- Proposed synonyms with what they rest on: first those from the log, then by score.
--   SELECT proposal_id, words, origin, score, evidence FROM ops.proposed_synonyms('parts');
CREATE OR REPLACE FUNCTION ops.proposed_synonyms(
    only_collection text DEFAULT NULL,
    only_state text DEFAULT 'open',
    k int DEFAULT 100)
RETURNS TABLE (proposal_id bigint, collection text, words text[], origin text, score float8, evidence jsonb,
               state text, proposed_at timestamptz, decided_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.id, c.name, s.words, s.origin, s.score, s.evidence, s.state, s.proposed_at, s.decided_at
    FROM core.collection AS c JOIN ops.synonym_proposal AS s ON s.collection_id = c.id
    WHERE c.id = CASE WHEN only_collection IS NULL THEN c.id ELSE impl.collection_id(only_collection) END
      AND (only_state IS NULL OR s.state = only_state)
    ORDER BY s.origin, s.score DESC, s.id LIMIT impl.at_least('k', proposed_synonyms.k, 0)
$$;

COMMENT ON FUNCTION ops.proposed_synonyms(text, text, int) IS
    'Proposed synonyms with their evidence and state; state NULL: all.';
