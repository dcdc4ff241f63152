-- Proposes a profile or a query to judge; what somebody decided before is not proposed again, except a
-- profile that was accepted for a live test and won it.
--   SELECT impl.put_proposal(1, 'labels', '진공 펌프', 12, '{"asked": 12}');
CREATE OR REPLACE FUNCTION impl.put_proposal(
    cid int, kind text, subject text, score float8, evidence jsonb)
RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH put AS (
        INSERT INTO ops.proposal AS p (collection_id, kind, subject, score, evidence)
        VALUES (put_proposal.cid, put_proposal.kind, put_proposal.subject, put_proposal.score,
                put_proposal.evidence)
        ON CONFLICT (collection_id, kind, subject) DO UPDATE
        SET score = excluded.score, evidence = excluded.evidence, state = 'open', decided_by = NULL,
            decided_at = NULL
        WHERE p.state = 'open' OR p.state = 'accepted' AND excluded.evidence ? 'live_test'
        RETURNING xmax = 0 AS added
    )
    SELECT coalesce(bool_or(put.added), false) FROM put
$$;

COMMENT ON FUNCTION impl.put_proposal(int, text, text, float8, jsonb) IS
    'Proposes a profile or a query to judge; returns whether it is new.';
