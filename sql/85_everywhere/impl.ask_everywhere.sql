-- Answers to a question about all collections that the caller sees, or those of them that feed a space: of
-- the shards that have items of any (impl.parts_requested), and of this database (shard NULL), which answers
-- as one of them.
--   SELECT a.shard FROM impl.ask_everywhere('{"do": "ping"}') AS a;
CREATE OR REPLACE FUNCTION impl.ask_everywhere(asked jsonb, space text DEFAULT NULL)
RETURNS TABLE (shard text, answer jsonb)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shards int[];
    requests jsonb[];
BEGIN
    SELECT coalesce(array_agg(p.shard), '{}'), array_agg(p.request) INTO shards, requests
    FROM impl.parts_requested(asked, ask_everywhere.space) AS p;
    RETURN QUERY SELECT a.shard, a.answer FROM impl.ask_shards(shards, requests) AS a
    UNION ALL SELECT NULL, impl.shard_answer(asked || '{"statistics": {"own": true}}');
END $$;

COMMENT ON FUNCTION impl.ask_everywhere(jsonb, text) IS
    'Answers of shards and of this database to a question about all collections.';
