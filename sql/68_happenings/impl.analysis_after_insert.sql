-- Trigger: an event per inspected picture. Runs as the owner: whoever may inspect need not be allowed to
-- write events.
CREATE OR REPLACE FUNCTION impl.analysis_after_insert()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.emit_events('analysis.judged', array_agg(jsonb_build_object(
        'analysis_id', a.analysis_id, 'product', a.product, 'view', a.view, 'verdict', a.verdict,
        'score', a.score, 'threshold', a.threshold, 'defect', a.defect, 'degraded', a.degraded)
        ORDER BY a.analysis_id))
    FROM new_analyses AS n
    CROSS JOIN LATERAL (SELECT * FROM search.analyses AS o WHERE o.analysis_id = n.id OFFSET 0) AS a
    HAVING count(*) > 0;
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.analysis_after_insert() IS 'Trigger: an event per inspected picture.';

CREATE OR REPLACE TRIGGER analysis_after_insert
    AFTER INSERT ON core.analysis REFERENCING NEW TABLE AS new_analyses
    FOR EACH STATEMENT EXECUTE FUNCTION impl.analysis_after_insert();
