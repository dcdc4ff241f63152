-- Trigger: an event per verdict of a person. Runs as the owner: whoever may judge need not be allowed to
-- write events.
CREATE OR REPLACE FUNCTION impl.feedback_after_insert()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('analysis.labelled', ARRAY[jsonb_build_object(
        'analysis_id', a.analysis_id, 'product', a.product, 'view', a.view, 'verdict', a.verdict,
        'said', a.said, 'said_defect', a.said_defect, 'given_by', a.given_by)])
    FROM search.analyses AS a WHERE a.analysis_id = new.analysis_id;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.feedback_after_insert() IS 'Trigger: an event per verdict of a person.';

CREATE OR REPLACE TRIGGER feedback_after_insert
    AFTER INSERT ON core.feedback
    FOR EACH ROW EXECUTE FUNCTION impl.feedback_after_insert();
