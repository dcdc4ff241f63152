-- Refuses a picture of a batch and keeps the reason with the errors of its run; one that was inspected stays
-- so.
--   SELECT ops.refuse_batch_picture(1, 'a.txt', 'no picture');
CREATE OR REPLACE FUNCTION ops.refuse_batch_picture(run_id int, place text, reason text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO core.batch_picture AS b (run_id, place, state)
    VALUES (refuse_batch_picture.run_id, refuse_batch_picture.place, 'refused')
    ON CONFLICT (run_id, place) DO UPDATE
        SET state = 'refused', bytes = NULL, lease_until = NULL, lease_by = NULL WHERE b.state = 'waiting';
    IF FOUND THEN
        INSERT INTO ops.run_item_error (run_id, place, reason)
        VALUES (refuse_batch_picture.run_id, refuse_batch_picture.place, refuse_batch_picture.reason)
        ON CONFLICT (run_id, place, reason) DO NOTHING;
    END IF;
END $$;

COMMENT ON FUNCTION ops.refuse_batch_picture(int, text, text) IS
    'Refuses a picture of a batch, with the reason.';
