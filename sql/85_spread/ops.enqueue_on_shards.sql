-- Queues items on the shards of the collections that feed a space whose vectors in a generation do not fit
-- their content: on each shard the next ones by id (ops.enqueue_stale there), on all at once, each at its own
-- pace. The first call makes the generation where a shard does not have it (impl.home_space_on).
--   pages   the id behind which each shard goes on, by its number; NULL: from the beginning, on all
--   next    the pages of those that are not at their end; NULL when all are
-- For owners and administrators.
--   SELECT * FROM ops.enqueue_on_shards((impl.live_space('text')).id);
CREATE OR REPLACE FUNCTION ops.enqueue_on_shards(
    space_id int,
    pages jsonb DEFAULT NULL,
    batch_n int DEFAULT 2000,
    OUT next jsonb,
    OUT queued bigint)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    s CONSTANT ops.space := (SELECT o FROM ops.space AS o
                             WHERE o.id = space_id AND o.status IN ('live', 'building'));
    away int[];
BEGIN
    PERFORM impl.at_least('batch_n', batch_n, 0);
    IF s.id IS NULL THEN
        RAISE EXCEPTION 'generation % is neither live nor building', space_id
            USING ERRCODE = 'SG001', HINT = 'See search.spaces.';
    ELSIF pages IS NULL THEN
        away := impl.space_shards(s.name);
        PERFORM impl.home_space_on(away, s) WHERE away <> '{}';
        pages := (SELECT jsonb_object_agg(u.id, 0) FROM unnest(away) AS u(id));
    END IF;
    away := ARRAY(SELECT k::int FROM jsonb_object_keys(pages) AS k ORDER BY k::int);
    SELECT jsonb_object_agg(n.id, t.told -> 'last_id') FILTER (WHERE t.told ->> 'last_id' IS NOT NULL),
           coalesce(sum((t.told -> 'queued')::bigint), 0)
    INTO next, queued
    FROM impl.write_on_shards(away, ARRAY(
        SELECT format('SELECT to_jsonb(e)::text FROM ops.enqueue_stale((SELECT o.id FROM ops.space AS o '
                      'WHERE o.name = %L AND o.generation = %s), %s, %s) AS e',
                      s.name, s.generation, (pages -> u.id::text)::bigint, batch_n)
        FROM unnest(away) WITH ORDINALITY AS u(id, at) ORDER BY u.at)) AS w
    JOIN core.shard AS n ON n.name = w.shard
    CROSS JOIN LATERAL (SELECT w.answer::jsonb) AS t(told);
END $$;

COMMENT ON FUNCTION ops.enqueue_on_shards(int, jsonb, int) IS
    'Queues items with missing or stale vectors on shards, page by page.';
