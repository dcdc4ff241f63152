-- Makes the previously live generation of a space live again, in this transaction; called again, it goes
-- forward. Items changed since it was retired are stale in it until they are encoded: ops.enqueue_stale
-- queues them, page by page (`seogo reembed rollback` does both). Writers of items wait until this
-- transaction ends, so that none of them misses the change. Returns the id of the generation that is live
-- now.
--   SELECT ops.rollback_generation('text');
CREATE OR REPLACE FUNCTION ops.rollback_generation(space text)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    live ops.space;
    previous ops.space;
BEGIN
    LOCK TABLE core.item IN SHARE MODE;
    PERFORM FROM ops.space AS s WHERE s.name = space ORDER BY s.id FOR NO KEY UPDATE;
    SELECT s.* INTO live FROM ops.space AS s WHERE s.name = space AND s.status = 'live';
    SELECT s.* INTO previous FROM ops.space AS s
    WHERE s.name = space AND s.status = 'retired' AND s.retired_at > '-infinity'
    ORDER BY s.retired_at DESC, s.id DESC LIMIT 1;
    IF previous.id IS NULL THEN
        RAISE EXCEPTION 'space % has no generation to go back to', space
            USING ERRCODE = 'SG001',
                HINT = 'See search.spaces. A collection stops feeding a space by ops.feed_space(…, NULL).';
    END IF;
    UPDATE ops.space AS s SET status = 'retired', retired_at = clock_timestamp() WHERE s.id = live.id;
    DELETE FROM ops.outbox AS o WHERE o.space_id = live.id;
    UPDATE ops.space AS s SET status = 'live', retired_at = NULL WHERE s.id = previous.id;
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    SELECT previous.id, v.query_hash, v.query FROM ops.query_vector AS v
    WHERE v.space_id = live.id ON CONFLICT DO NOTHING;
    INSERT INTO ops.generation_change (space, kind, from_id, to_id, from_label, to_label, cutoffs)
    VALUES (space, 'rollback', live.id, previous.id, impl.generation_label(live),
            impl.generation_label(previous),
            jsonb_build_object('from', live.min_similarity, 'to', previous.min_similarity));
    PERFORM impl.switch_on_shards(space, NULL, NULL, NULL, NULL, NULL), pg_notify('seogo_work', 'spaces');
    RETURN previous.id;
END $$;

COMMENT ON FUNCTION ops.rollback_generation(text) IS
    'Makes the previously live generation live again; records the change and returns its id.';
