-- Asks shards a question each, all at once, and waits for the answers (impl.shard_answer on each; it cannot
-- write). shard_ids and requests: side by side; one request is for all. A shard that does not answer is an
-- error, SG005. With a question about a collection go the slots that this coordinator believes the shard to
-- have: it refuses where another coordinator has moved them. Connections are the session's, and kept: opened
-- when first needed, and once more where they turn out broken. Runs as the owner, to whom the user mappings
-- of the shards belong.
--   SELECT * FROM impl.ask_shards(ARRAY(SELECT s.id FROM core.shard AS s), ARRAY['{"do": "hello"}'::jsonb]);
CREATE OR REPLACE FUNCTION impl.ask_shards(shard_ids int[], requests jsonb[])
RETURNS TABLE (shard text, answer jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- The request is one literal, quoted by format, whatever it contains; nothing else in the statement
    -- comes from a caller. The other side takes it apart as jsonb, and makes no statement of it.
    statements CONSTANT text[] := ARRAY(
        SELECT format('SELECT impl.shard_answer(%L)::text', r.request || coalesce((
                   SELECT jsonb_build_object('slots', l.slots)
                   FROM core.shard_slots AS l JOIN core.collection AS c ON c.id = l.collection_id
                   WHERE l.shard_id = u.id AND c.name = r.request ->> 'collection'), '{}'))
        FROM unnest(shard_ids) WITH ORDINALITY AS u(id, at)
        CROSS JOIN LATERAL (SELECT requests[least(u.at, cardinality(requests))] AS request) AS r
        ORDER BY u.at);
BEGIN
    RETURN QUERY SELECT t.shard, t.answer::jsonb FROM impl.talk_to_shards(shard_ids, statements, true) AS t;
END $$;

COMMENT ON FUNCTION impl.ask_shards(int[], jsonb[]) IS
    'Answers of shards to a question each, asked all at once.';
