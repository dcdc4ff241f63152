-- Trigger: an event per measurement of how a generation's vectors differ from another's. Runs as the owner:
-- whoever may measure need not be allowed to write events.
CREATE OR REPLACE FUNCTION impl.drift_after_insert()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('drift.measured', ARRAY[jsonb_build_object(
        'space', s.name, 'generation', s.generation, 'previous_generation', p.generation,
        'measures', jsonb_object_agg(d.measure, jsonb_build_object(
            'n', d.n, 'ks', d.ks, 'quantiles', d.quantiles, 'previous', d.previous)))])
    FROM new_drifts AS d
    JOIN ops.space AS s ON s.id = d.space_id
    LEFT JOIN ops.space AS p ON p.id = d.previous_id
    GROUP BY s.id, p.id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.drift_after_insert() IS 'Trigger: an event per measurement of drift.';

CREATE OR REPLACE TRIGGER drift_after_insert
    AFTER INSERT ON ops.drift REFERENCING NEW TABLE AS new_drifts
    FOR EACH STATEMENT EXECUTE FUNCTION impl.drift_after_insert();
