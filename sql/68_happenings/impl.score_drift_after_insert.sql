-- Trigger: an event per bank whose drift of scores was measured; `alarm` where one of its measures is one.
-- Runs as the owner: whoever may measure need not be allowed to write events.
CREATE OR REPLACE FUNCTION impl.score_drift_after_insert()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('drift.measured', array_agg(g.data ORDER BY g.bank_id))
    FROM (SELECT d.bank_id, jsonb_build_object(
              'product', p.name, 'view', b.view, 'bank_version', b.version, 'alarm', bool_or(d.alarm),
              'measures', jsonb_object_agg(d.measure, jsonb_build_object(
                  'n', d.n, 'reference_n', d.reference_n, 'value', d.value, 'reference', d.reference,
                  'z', d.z, 'alarm', d.alarm))) AS data
          FROM new_drifts AS d
          JOIN core.patch_bank AS b ON b.id = d.bank_id
          JOIN core.product AS p ON p.id = b.product_id
          GROUP BY d.bank_id, p.name, b.view, b.version) AS g
    HAVING count(*) > 0;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.score_drift_after_insert() IS
    'Trigger: an event per bank whose scores were compared.';

CREATE OR REPLACE TRIGGER score_drift_after_insert
    AFTER INSERT ON ops.score_drift REFERENCING NEW TABLE AS new_drifts
    FOR EACH STATEMENT EXECUTE FUNCTION impl.score_drift_after_insert();
