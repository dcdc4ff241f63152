-- Proposes queries to judge: those that people ask most and that no person has judged, in any set. Half of
-- the score is how often they were asked in vain or weakly (ops.weak_queries), since these have most to
-- gain: score = asked + times unanswered. Proposals that are open and no longer in the log go with it.
-- Returns how many are new.
--   SELECT ops.propose_labels('parts');
CREATE OR REPLACE FUNCTION ops.propose_labels(collection text, k int DEFAULT 20, least_asked int DEFAULT 2)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    added bigint;
BEGIN
    DELETE FROM ops.proposal AS p
    WHERE p.collection_id = cid AND p.kind = 'labels' AND p.state = 'open' AND NOT EXISTS (
        SELECT FROM ops.query_log AS q
        WHERE q.collection_id = cid AND impl.fold_query(q.query) = impl.fold_query(p.subject));
    WITH asked AS (
        SELECT impl.fold_query(q.query) AS folded,
               (array_agg(btrim(q.query) ORDER BY q.asked_at DESC, q.id DESC))[1] AS query,
               count(*) AS n, count(*) FILTER (WHERE q.found = 0 OR q.word_hits = 0 OR q.weak) AS vain
        FROM ops.query_log AS q
        WHERE q.collection_id = cid AND q.skip = 0 AND NOT q.picture AND q.liked = '{}'
          AND q.query IS NOT NULL
        GROUP BY 1
    ),
    wanted AS (
        SELECT a.* FROM asked AS a
        WHERE a.n >= propose_labels.least_asked AND a.folded IS NOT NULL AND NOT EXISTS (
            SELECT FROM eval.query AS q JOIN eval.judgment AS j ON j.query_id = q.id
            WHERE impl.fold_query(q.text) = a.folded AND j.source <> impl.implicit_source())
        ORDER BY a.n + a.vain DESC, a.folded LIMIT impl.at_least('k', propose_labels.k, 0)
    )
    SELECT count(*) FILTER (WHERE impl.put_proposal(
        cid, 'labels', w.query, w.n + w.vain, jsonb_build_object('asked', w.n, 'unanswered', w.vain)))
    INTO added FROM wanted AS w;
    RETURN added;
END $$;

COMMENT ON FUNCTION ops.propose_labels(text, int, int) IS
    'Proposes queries to judge, from the query log; returns how many are new.';
