-- Sets when a task of the schedule is due, before all settings (SEOGO_CRON_…): a cron expression of five
-- fields in UTC, or off. NULL: as the settings say. Schedulers that run take it within three minutes. SG004
-- where it is neither; that such a day comes is checked by `seogo schedule set` and over HTTP.
--   SELECT ops.set_task_time('merge_postings', '*/20 * * * *');
CREATE OR REPLACE FUNCTION ops.set_task_time(task text, cron text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF NOT coalesce(set_task_time.cron ~ '^(off|[^[:space:]]+( [^[:space:]]+){4})$', true) THEN
        RAISE EXCEPTION '% is no cron expression of five fields', quote_literal(set_task_time.cron)
            USING ERRCODE = 'SG004', HINT = 'Write such as ''*/10 * * * *'', or off.';
    END IF;
    INSERT INTO ops.task_time AS t (task, cron, set_at)
    VALUES (set_task_time.task, set_task_time.cron, now())
    ON CONFLICT (task) DO UPDATE SET cron = excluded.cron, set_at = excluded.set_at;
    RETURN set_task_time.cron;
END $$;

COMMENT ON FUNCTION ops.set_task_time(text, text) IS
    'Sets when a task of the schedule is due; NULL: as the settings say. Returns the expression.';
