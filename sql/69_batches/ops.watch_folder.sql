-- Finds the run of a watched folder, or starts it: one run per folder for good, so that no file of it is
-- inspected twice, whoever watches and whatever is asked meanwhile. args: the request, with `folder`. Returns
-- the run.
--   SELECT ops.watch_folder('{"folder": "/srv/camera", "product": "bracket"}');
CREATE OR REPLACE FUNCTION ops.watch_folder(args jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    known int;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('seogo watch ' || (args ->> 'folder'), 0));
    SELECT r.id INTO known FROM ops.run AS r
    WHERE r.kind = 'defect_watch' AND r.args ->> 'folder' = watch_folder.args ->> 'folder'
    ORDER BY r.id DESC LIMIT 1;
    IF known IS NULL THEN
        INSERT INTO ops.run (kind, args) VALUES ('defect_watch', args) RETURNING id INTO known;
    ELSE
        UPDATE ops.run AS r SET args = watch_folder.args, state = 'running', finished_at = NULL, error = NULL
        WHERE r.id = known;
    END IF;
    RETURN known;
END $$;

COMMENT ON FUNCTION ops.watch_folder(jsonb) IS 'Finds or starts the run of a watched folder; returns it.';
