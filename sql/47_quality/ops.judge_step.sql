-- Takes a step of a run that judges all items of a collection (ops.judge_items), and records it in ops.run
-- (kind `quality`): its cursor, counts, and how often a rule could not be applied, as counts named "unjudged
-- RULE: REASON". Without a run it begins one, which first learns the usual of the collection. Steps until
-- `done`; one that broke off is gone on with by its id. SG001
-- where there is no such run of the collection.
--   SELECT run_id, done, counts FROM ops.judge_step('parts');
CREATE OR REPLACE FUNCTION ops.judge_step(collection text, run bigint DEFAULT NULL, items_n int DEFAULT 500)
RETURNS TABLE (run_id bigint, done boolean, judged int, items bigint, counts jsonb)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    record ops.run;
    step record;
    told jsonb;
BEGIN
    PERFORM impl.at_least('items_n', items_n, 0);
    IF run IS NULL THEN
        PERFORM ops.learn_quality(collection);
        INSERT INTO ops.run AS r (kind, args)
        VALUES ('quality', jsonb_build_object(
            'collection', collection, 'items', CASE WHEN impl.is_spread(cid) THEN impl.spread_items(cid)
                ELSE impl.collection_size(cid) END))
        RETURNING r.* INTO record;
    ELSE
        SELECT r.* INTO record FROM ops.run AS r
        WHERE r.id = run AND r.kind = 'quality' AND r.args ->> 'collection' = collection FOR UPDATE;
        IF record.id IS NULL THEN
            RAISE EXCEPTION 'there is no run % that judges the collection %', run, collection
                USING ERRCODE = 'SG001', HINT = 'Leave the run out to begin one.';
        END IF;
    END IF;
    SELECT j.*, j.judged < least(items_n, 5000) AS done,
           CASE WHEN j.last IS NULL THEN record.cursor ELSE jsonb_build_object('after', j.last) END
               AS reached INTO step
    FROM ops.judge_items(collection, coalesce(record.cursor ->> 'after', ''), items_n) AS j;
    SELECT jsonb_object_agg(c.name, c.n) INTO told FROM (
        SELECT g.name, sum(g.n) AS n FROM (
            SELECT e.key AS name, e.value::bigint AS n FROM jsonb_each_text(record.counts) AS e
            UNION ALL
            SELECT v.name, v.n FROM (VALUES ('judged', step.judged), ('opened', step.opened),
                ('reopened', step.reopened), ('mended', step.mended),
                ('standing', step.standing)) AS v(name, n)
            UNION ALL
            SELECT 'unjudged ' || r.key || ': ' || w.key, w.value::bigint
            FROM jsonb_each(step.unjudged) AS r CROSS JOIN LATERAL jsonb_each_text(r.value) AS w) AS g
        GROUP BY g.name) AS c;
    done := step.done;
    UPDATE ops.run AS r
    SET counts = told, updated_at = now(), cursor = step.reached,
        state = CASE WHEN done THEN 'done' ELSE 'running' END, error = NULL,
        finished_at = CASE WHEN done THEN now() END
    WHERE r.id = record.id;
    run_id := record.id;
    judged := step.judged;
    items := (record.args ->> 'items')::bigint;
    counts := told;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.judge_step(text, bigint, int) IS
    'Takes a step of a run that judges all items of a collection, and records it.';
