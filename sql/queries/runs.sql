-- Statements of the records that jobs keep of their runs.

-- name: advance
-- Counts of an attempt are absolute; those of the attempts before it are kept under "before".
UPDATE ops.run
SET cursor = jsonb_build_object('line', %(line)s::bigint), state = 'running', updated_at = now(), finished_at = NULL,
    counts = (SELECT jsonb_object_agg(g.key, g.value::bigint + coalesce((args -> 'before' ->> g.key)::bigint, 0))
              FROM jsonb_each_text(%(counts)s) AS g)
WHERE id = %(run_id)s
RETURNING id

-- name: note_error
INSERT INTO ops.run_item_error (run_id, place, external_id, reason, record)
VALUES (%(run_id)s, %(place)s, %(external_id)s, %(reason)s, %(record)s)
ON CONFLICT (run_id, place, reason) DO UPDATE SET record = excluded.record
RETURNING id

-- name: errors
SELECT id, place, external_id, reason, record FROM ops.run_item_error
WHERE run_id = %(run_id)s AND retried_by IS NULL ORDER BY id

-- name: resume
-- What the attempts before have counted is carried over.
UPDATE ops.run SET args = jsonb_set(args, '{before}', counts), state = 'running', finished_at = NULL, error = NULL
WHERE id = %(run_id)s RETURNING id
