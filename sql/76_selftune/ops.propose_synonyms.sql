-- Proposes synonyms of a collection to a person: pairs from vectors as they are given (`near`: [{"words",
-- "score", "evidence"}], from `seogo proposals make`), and words typed in place of others in the query log
-- (impl.reworded). Those decided before are not proposed again; those still open get their new score. Nothing
-- is searched by until somebody accepts (impl.decide_synonym). Returns how many are new.
--   SELECT ops.propose_synonyms('parts');
CREATE OR REPLACE FUNCTION ops.propose_synonyms(collection text, near jsonb DEFAULT '[]', k int DEFAULT 50)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH found AS (
        SELECT r.words, 'log' AS origin, r.score, jsonb_build_object('queries', r.queries) AS evidence
        FROM impl.reworded(propose_synonyms.collection, k) AS r
        UNION ALL
        SELECT ARRAY(SELECT w FROM unnest(n.words) AS w ORDER BY w COLLATE "C"), 'vectors', n.score,
               n.evidence
        FROM jsonb_to_recordset(propose_synonyms.near) AS n(words text[], score float8, evidence jsonb)
    ),
    put AS (
        INSERT INTO ops.synonym_proposal AS s (collection_id, words, origin, score, evidence)
        SELECT DISTINCT ON (f.words) impl.named_collection(propose_synonyms.collection), f.words, f.origin,
               f.score, f.evidence
        FROM found AS f ORDER BY f.words, f.origin
        ON CONFLICT (collection_id, words) DO UPDATE
        SET origin = excluded.origin, score = excluded.score, evidence = excluded.evidence
        WHERE s.state = 'open'
        RETURNING xmax = 0 AS added
    )
    SELECT count(*) FILTER (WHERE p.added) FROM put AS p
$$;

COMMENT ON FUNCTION ops.propose_synonyms(text, jsonb, int) IS
    'Proposes synonyms from vectors and the query log, for a person to decide on; returns how many are new.';
