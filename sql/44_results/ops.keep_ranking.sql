-- Keeps a ranking, so that its pages stay what they were whatever is written meanwhile; returns its id. hits
-- are up to 1,000 elements {"item_id", "rank", "score", "legs"}; question identifies what was asked. It is
-- kept until keep has passed since it was last read. An owner (a key) has at most most_n, the latest ones.
--   SELECT ops.keep_ranking('key:1', 'parts', 'abc', '[{"item_id": 7, "rank": 1, "score": 1, "legs": {}}]');
CREATE OR REPLACE FUNCTION ops.keep_ranking(
    owner text,
    collection text,
    question text,
    hits jsonb,
    keep interval DEFAULT '15 minutes',
    most_n int DEFAULT 100)
RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    longest CONSTANT int := 1000;
    made uuid;
BEGIN
    PERFORM impl.at_least('most_n', most_n, 0);
    IF jsonb_array_length(hits) > longest THEN
        RAISE EXCEPTION 'the ranking has % hits', jsonb_array_length(hits)
            USING ERRCODE = 'SG004', HINT = format('%s are kept.', longest);
    END IF;
    DELETE FROM ops.ranking AS r WHERE r.id IN (
        SELECT o.id FROM ops.ranking AS o WHERE o.expires_at < now() LIMIT 20 FOR UPDATE SKIP LOCKED);
    DELETE FROM ops.ranking AS r WHERE r.id IN (
        SELECT o.id FROM ops.ranking AS o WHERE o.owner = owner
        ORDER BY o.expires_at DESC, o.id OFFSET greatest(most_n - 1, 0));
    INSERT INTO ops.ranking AS r (owner, collection_id, question, hits, keep, expires_at)
    VALUES (owner, impl.named_collection(collection), question, hits, keep, now() + keep)
    RETURNING r.id INTO made;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.keep_ranking(text, text, text, jsonb, interval, int) IS
    'Keeps a ranking for its pages, for a while; returns its id.';
