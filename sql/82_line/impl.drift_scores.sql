-- Scores of a bank that its drift is measured by: its calibration, the latest recent_n pictures that it
-- judged, and five times as many before them. Pictures that a person called defective are left out: known
-- defects are no drift.
--   SELECT cardinality(recent), cardinality(before) FROM impl.drift_scores(1, 200);
CREATE OR REPLACE FUNCTION impl.drift_scores(
    bank_id int,
    recent_n int,
    OUT calibration real[],
    OUT recent real[],
    OUT before real[],
    OUT latest_at timestamptz)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    SELECT array_agg(s.score) INTO drift_scores.calibration
    FROM core.normal_score AS s WHERE s.bank_id = drift_scores.bank_id;
    SELECT array_agg(g.score) FILTER (WHERE g.at <= drift_scores.recent_n),
           array_agg(g.score) FILTER (WHERE g.at > drift_scores.recent_n), max(g.created_at)
    INTO drift_scores.recent, drift_scores.before, drift_scores.latest_at
    FROM (SELECT a.score, a.created_at, row_number() OVER (ORDER BY a.id DESC) AS at
          FROM core.analysis AS a
          WHERE a.bank_id = drift_scores.bank_id AND a.score IS NOT NULL AND (
              SELECT f.defect_type_id FROM core.feedback AS f
              WHERE f.analysis_id = a.id ORDER BY f.id DESC LIMIT 1) IS NULL
          ORDER BY a.id DESC LIMIT 6 * drift_scores.recent_n) AS g;
END $$;

COMMENT ON FUNCTION impl.drift_scores(int, int) IS
    'Scores of a bank: its calibration, recent pictures, and those before them.';
