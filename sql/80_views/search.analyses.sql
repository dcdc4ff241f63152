-- Inspected pictures, with the findings and the verdicts of people. levels: calibrated level of each
-- detector, 0 as the middle of normal pictures, 1 passed by one in twenty of them. spoke: the detectors that
-- made it a defect, the strongest first (impl.spoke).
--   SELECT analysis_id, product, verdict, defect, score, threshold, said FROM search.analyses
--       ORDER BY analysis_id DESC LIMIT 5;
CREATE OR REPLACE VIEW search.analyses WITH (security_invoker = true) AS
SELECT a.id AS analysis_id, p.name AS product, a.view, b.version AS bank_version, a.score, a.threshold,
       CASE WHEN a.score IS NULL THEN 'unknown' WHEN a.score > a.threshold THEN 'defect'
            ELSE 'normal' END AS verdict,
       d.name AS defect, f.said, f.said_defect, f.note, f.given_by, a.item_id, a.nearest, a.sections, a.guide,
       a.degraded, a.timing, a.patch_scores,
       a.created_at, a.guess, a.width, a.height, coalesce(a.levels, '{}') AS levels, impl.spoke(a) AS spoke,
       a.scale, a.regions
FROM core.analysis AS a
JOIN core.product AS p ON p.id = a.product_id
LEFT JOIN core.patch_bank AS b ON b.id = a.bank_id
LEFT JOIN core.defect_type AS d ON d.id = a.defect_type_id
LEFT JOIN LATERAL (
    SELECT CASE WHEN t.defect_type_id IS NULL THEN 'normal' ELSE 'defect' END AS said, e.name AS said_defect,
           t.note, t.given_by
    FROM core.feedback AS t LEFT JOIN core.defect_type AS e ON e.id = t.defect_type_id
    WHERE t.analysis_id = a.id ORDER BY t.id DESC LIMIT 1
) AS f ON true;

COMMENT ON VIEW search.analyses IS
    'Inspected pictures: verdict, defect, scores, guide, timing, and the latest verdict of a person.';
