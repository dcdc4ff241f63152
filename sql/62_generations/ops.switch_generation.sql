-- Makes the built generation of a space the live one, in this transaction; the old one is kept for a
-- rollback; the first generation of a space follows none. Refused, with the reason, unless
--   coverage    all items queued before `as_of` are encoded; accept_failures accepts failed ones
--   index       there is one where the live generation has one; of kind sparse there always is
--   evaluation  {"passed": true, …}: not worse on the judgments; or force, which is recorded
-- cutoff: min_similarity of the new generation. Running searches finish in the old one. Returns the id of the
-- record.
--   SELECT ops.switch_generation('text', now(), '{"passed": true}');
CREATE OR REPLACE FUNCTION ops.switch_generation(
    space text,
    as_of timestamptz,
    evaluation jsonb,
    cutoff real DEFAULT NULL,
    accept_failures boolean DEFAULT false,
    force boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    live ops.space;
    building ops.space;
    waiting bigint;
    failed jsonb;
    made bigint;
BEGIN
    -- Not FOR UPDATE: foreign keys of rows being written must not wait.
    PERFORM FROM ops.space AS s WHERE s.name = space AND s.status <> 'retired'
    ORDER BY s.id FOR NO KEY UPDATE;
    SELECT s.* INTO live FROM ops.space AS s WHERE s.name = space AND s.status = 'live';
    SELECT s.* INTO building FROM ops.space AS s WHERE s.name = space AND s.status = 'building';
    IF building.id IS NULL THEN
        RAISE EXCEPTION 'no generation of space % is being built', space
            USING ERRCODE = 'SG001', HINT = 'seogo reembed start';
    END IF;
    SELECT count(*) FILTER (WHERE o.error IS NULL AND o.enqueued_at <= as_of),
           coalesce(jsonb_agg(jsonb_build_object('external_id', i.external_id, 'error', o.error)
                              ORDER BY i.id) FILTER (WHERE o.error IS NOT NULL), '[]')
    INTO waiting, failed
    FROM ops.outbox AS o JOIN core.item AS i ON i.id = o.item_id WHERE o.space_id = building.id;
    IF waiting > 0 THEN
        RAISE EXCEPTION '% items are not encoded yet', waiting
            USING ERRCODE = 'SG004', HINT = 'Workers encode them (`seogo worker`): seogo reembed status.';
    ELSIF failed <> '[]' AND NOT accept_failures THEN
        RAISE EXCEPTION '% items could not be encoded, such as % (%)', jsonb_array_length(failed),
            failed -> 0 ->> 'external_id', failed -> 0 ->> 'error'
            USING ERRCODE = 'SG004',
                  HINT = 'See `seogo failed list`; go on without them by --accept-failures.';
    ELSIF impl.index_waits(building) THEN
        RAISE EXCEPTION 'generation % of space % has no index yet', building.generation, space
            USING ERRCODE = 'SG004',
                  HINT = '`seogo reembed switch` builds it, workers do on shards; in SQL: '
                      'ops.build_space_index.';
    ELSIF (evaluation ->> 'passed')::boolean IS NOT TRUE AND NOT force THEN
        RAISE EXCEPTION 'the evaluation does not speak for generation %: %', building.generation,
            coalesce(evaluation ->> 'reason', 'there is none')
            USING ERRCODE = 'SG004', HINT = 'Switch all the same by --force; it is recorded.';
    END IF;
    UPDATE ops.space AS s SET status = 'retired', retired_at = clock_timestamp() WHERE s.id = live.id;
    UPDATE ops.space AS s SET status = 'live', min_similarity = cutoff WHERE s.id = building.id;
    DELETE FROM ops.throttle AS t WHERE t.space_id = building.id;
    INSERT INTO ops.query_vector (space_id, query_hash, query)
    SELECT building.id, v.query_hash, v.query FROM ops.query_vector AS v
    WHERE v.space_id = live.id ON CONFLICT DO NOTHING;
    INSERT INTO ops.generation_change (space, kind, from_id, to_id, from_label, to_label, forced, accepted,
                                       evaluation, cutoffs)
    VALUES (space, 'switch', live.id, building.id,
            CASE WHEN live.id IS NULL THEN 'nothing' ELSE impl.generation_label(live) END,
            impl.generation_label(building),
            force AND (evaluation ->> 'passed')::boolean IS NOT TRUE, failed, evaluation,
            jsonb_build_object('from', live.min_similarity, 'to', cutoff))
    RETURNING id INTO made;
    PERFORM impl.switch_on_shards(space, as_of, evaluation, cutoff, accept_failures, force),
            pg_notify('seogo_work', 'spaces');
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.switch_generation(text, timestamptz, jsonb, real, boolean, boolean) IS
    'Makes the built generation the live one, if it covers all items and is not worse; records the change.';
