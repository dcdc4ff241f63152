-- Decides on a contradiction: accepted (right as it is), mended (the item or its picture was put right), or
-- open again. Who and when is kept; the last decision counts. One that is mended and found again is open
-- again. SG001 where the collection has no such contradiction, SG004 for another state.
--   SELECT ops.decide_contradiction('parts', 1, 'accepted', 'mina', 'two plates on one pump');
CREATE OR REPLACE FUNCTION ops.decide_contradiction(
    collection text,
    contradiction_id bigint,
    state text,
    decided_by text DEFAULT NULL,
    note text DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(decide_contradiction.collection);
    decided text;
BEGIN
    IF state IS NULL OR state NOT IN ('open', 'accepted', 'mended') THEN
        RAISE EXCEPTION 'a contradiction cannot be %', coalesce(state, '(null)')
            USING ERRCODE = 'SG004', HINT = 'It is open, accepted or mended.';
    END IF;
    IF impl.is_spread(cid) THEN
        decided := ops.decide_on_shards(cid, contradiction_id, state, decided_by, note);
    ELSE
        UPDATE ops.contradiction AS k
        SET state = decide_contradiction.state,
            decided_at = CASE WHEN decide_contradiction.state <> 'open' THEN now() END,
            decided_by = CASE WHEN decide_contradiction.state <> 'open'
                              THEN left(decide_contradiction.decided_by, 100) END,
            note = left(decide_contradiction.note, 1000)
        WHERE k.id = contradiction_id AND k.collection_id = cid
        RETURNING k.state INTO decided;
    END IF;
    IF decided IS NULL THEN
        RAISE EXCEPTION 'unknown contradiction: %', coalesce(contradiction_id::text, '(null)')
            USING ERRCODE = 'SG001', HINT = 'They are rows of search.contradictions.';
    END IF;
    RETURN decided;
END $$;

COMMENT ON FUNCTION ops.decide_contradiction(text, bigint, text, text, text) IS
    'Accepts or mends a contradiction, or opens it again; returns its state.';
