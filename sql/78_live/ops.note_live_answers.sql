-- Writes answers that live tests drafted: [{"test_id", "answer", "a": [item ids], "b": [item ids]}], the
-- items that the fusion in use (a) and the profile (b) picked. An answer that came again replaces the first
-- until an item of it is opened. Returns how many were new; those of tests that have ended are left out.
--   SELECT ops.note_live_answers('[]');
CREATE OR REPLACE FUNCTION ops.note_live_answers(answers jsonb)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH given AS (
        SELECT DISTINCT ON (g.test_id, g.answer) g.*
        FROM jsonb_to_recordset(note_live_answers.answers)
            AS g(test_id int, answer bigint, a bigint[], b bigint[])
        JOIN eval.live_test AS t ON t.id = g.test_id AND t.state = 'running'
        ORDER BY g.test_id, g.answer
    ),
    written AS (
        INSERT INTO ops.live_answer AS l (test_id, answer, a, b)
        SELECT g.test_id, g.answer, g.a, g.b FROM given AS g
        ON CONFLICT (test_id, answer) DO UPDATE SET a = excluded.a, b = excluded.b, shown_at = now()
        WHERE l.won IS NULL
        RETURNING l.test_id, xmax = 0 AS added
    ),
    counted AS (
        UPDATE eval.live_test AS t SET answers = t.answers + w.n
        FROM (SELECT written.test_id, count(*) AS n FROM written WHERE written.added GROUP BY 1) AS w
        WHERE t.id = w.test_id
    )
    SELECT count(*) FILTER (WHERE written.added) FROM written
$$;

COMMENT ON FUNCTION ops.note_live_answers(jsonb) IS
    'Writes answers that live tests drafted; returns how many.';
