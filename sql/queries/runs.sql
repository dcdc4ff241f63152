-- Statements of the records that jobs keep of their runs.

-- name: start
INSERT INTO ops.run (kind, args) VALUES (%(kind)s, %(args)s) RETURNING id

-- name: get
SELECT * FROM search.runs WHERE run_id = %(run_id)s

-- name: listed
SELECT * FROM search.runs
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(before)s::int IS NULL OR run_id < %(before)s)
ORDER BY run_id DESC LIMIT %(limit)s

-- name: stages
UPDATE ops.run SET stages = %(stages)s, updated_at = now() WHERE id = %(run_id)s RETURNING id

-- name: finish
UPDATE ops.run SET state = %(state)s, error = %(error)s, updated_at = now(), finished_at = now()
WHERE id = %(run_id)s RETURNING id

-- name: retried
UPDATE ops.run_item_error SET retried_by = %(by)s
WHERE run_id = %(run_id)s AND retried_by IS NULL AND (record IS NOT NULL OR NOT %(repeatable)s) RETURNING id

-- name: jobs
SELECT * FROM search.jobs ORDER BY job_id DESC LIMIT %(limit)s

-- name: job
SELECT * FROM search.jobs WHERE job_id = %(job_id)s

-- name: last_jobs
SELECT DISTINCT ON (task) * FROM search.jobs WHERE started_at IS NOT NULL ORDER BY task, job_id DESC

-- name: task_times
SELECT task, cron, settings FROM ops.task_time ORDER BY task

-- name: counted
UPDATE ops.run SET counts = %(counts)s, updated_at = now() WHERE id = %(run_id)s RETURNING id

-- name: close_runs
-- Runs whose job nobody is doing have ended: their scheduler died.
UPDATE ops.run AS r
SET state = 'failed', error = 'its scheduler died over it', updated_at = now(), finished_at = now()
WHERE r.state = 'running' AND r.args ? 'job_id' AND NOT EXISTS (
    SELECT FROM jobs.procrastinate_jobs AS j WHERE j.id::text = r.args ->> 'job_id' AND j.status = 'doing')
RETURNING r.id

-- name: advance
-- Counts of an attempt are absolute; those of the attempts before it are kept under "before".
UPDATE ops.run
SET cursor = jsonb_build_object('line', %(line)s::bigint), state = 'running', updated_at = now(),
    finished_at = NULL,
    counts = (SELECT jsonb_object_agg(g.key, g.n) FROM (
        SELECT e.key, sum(e.value::bigint)::bigint AS n FROM (
            SELECT * FROM jsonb_each_text(%(counts)s)
            UNION ALL SELECT * FROM jsonb_each_text(coalesce(args -> 'before', '{}'))) AS e
        GROUP BY e.key) AS g)
WHERE id = %(run_id)s
RETURNING id

-- name: note_error
INSERT INTO ops.run_item_error (run_id, place, external_id, reason, record)
VALUES (%(run_id)s, %(place)s, %(external_id)s, %(reason)s, nullif(%(record)s::bytea, ''))
ON CONFLICT (run_id, place, reason) DO UPDATE SET record = excluded.record
RETURNING id

-- name: errors
-- In the order of the input: places are like "line 12".
SELECT id, place, external_id, reason, record FROM ops.run_item_error
WHERE run_id = %(run_id)s AND retried_by IS NULL AND (record IS NOT NULL OR NOT %(repeatable)s)
ORDER BY length(place), place, id LIMIT %(shown)s

-- name: unfinished
-- A newer input of the same collection replaces an older, unfinished one.
SELECT r.* FROM search.runs AS r
WHERE r.kind = %(kind)s AND r.state <> 'done' AND NOT EXISTS (
    SELECT FROM ops.run AS later
    WHERE later.kind = r.kind AND later.id > r.run_id
      AND later.args ->> 'collection' = r.args ->> 'collection'
      AND later.args ->> 'retries' IS NULL)
ORDER BY r.run_id DESC

-- name: resume
-- The counts of earlier attempts are carried over.
UPDATE ops.run SET args = jsonb_set(args, '{before}', counts), state = 'running', finished_at = NULL,
    error = NULL
WHERE id = %(run_id)s RETURNING id

-- name: events
-- After one, in their order.
SELECT * FROM search.events
WHERE event_id > %(after)s AND (%(kind)s::text IS NULL OR kind = %(kind)s) ORDER BY event_id LIMIT %(limit)s

-- name: newest_events
-- Before one, the newest first.
SELECT * FROM search.events
WHERE (%(before)s::bigint IS NULL OR event_id < %(before)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY event_id DESC LIMIT %(limit)s

-- name: webhooks
SELECT * FROM search.webhooks
WHERE %(webhook)s::text IS NULL OR webhook = (impl.webhook(%(webhook)s)).name ORDER BY webhook

-- name: deliveries
SELECT * FROM search.deliveries
WHERE (%(webhook)s::text IS NULL OR webhook = (impl.webhook(%(webhook)s)).name)
  AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY event_id DESC, webhook LIMIT %(limit)s

-- name: deliveries_due
SELECT EXISTS (
    SELECT FROM ops.webhook AS w JOIN ops.delivery AS d ON d.webhook_id = w.id
    WHERE NOT w.paused AND d.state = 'waiting' AND d.next_attempt_at <= now()
      AND impl.is_free(d.lease_until, d.lease_by, impl.live_workers())) AS done
