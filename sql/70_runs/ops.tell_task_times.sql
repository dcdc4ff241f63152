-- Notes what the settings of a scheduler say of when tasks are due, for pages to show; {task: cron or off}.
-- Of several schedulers with different settings the last to start is noted. Returns how many tasks.
--   SELECT ops.tell_task_times('{"merge_postings": "*/10 * * * *", "backup": "off"}');
CREATE OR REPLACE FUNCTION ops.tell_task_times(times jsonb)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS (
        INSERT INTO ops.task_time AS t (task, settings)
        SELECT g.key, g.value FROM jsonb_each_text(times) AS g
        ON CONFLICT (task) DO UPDATE SET settings = excluded.settings
        RETURNING 1
    )
    SELECT count(*) FROM told
$$;

COMMENT ON FUNCTION ops.tell_task_times(jsonb) IS
    'Notes when tasks are due by the settings of a scheduler; returns how many tasks.';
