-- Inspected pictures that a person should look at, the most informative first, until they are registered or
-- confirmed:
--   contradicted  a person disagreed: it should be registered for the next bank
--   disagreement  it scores normal and is nearly the same as a registered defect, or the other way round
--   uncertain     its score is within 10 % of the threshold, or there was no bank
--   SELECT analysis_id, product, reason FROM search.to_label ORDER BY place LIMIT 20;
CREATE OR REPLACE VIEW search.to_label WITH (security_invoker = true) AS
SELECT row_number() OVER (ORDER BY w.urgency, abs(coalesce(w.score / w.threshold, 1) - 1),
                              w.analysis_id DESC) AS place,
       w.analysis_id, w.product, w.view, w.reason, w.verdict, w.defect, w.said, w.said_defect, w.score,
       w.threshold, w.created_at
FROM (
    SELECT a.*, r.reason, array_position(ARRAY['contradicted', 'disagreement', 'uncertain'],
                                         r.reason) AS urgency
    FROM search.analyses AS a
    CROSS JOIN LATERAL (SELECT CASE
        WHEN a.said IS NOT NULL THEN CASE WHEN a.said <> a.verdict
                                          OR (a.said = 'defect' AND a.said_defect IS DISTINCT FROM a.defect)
                                              THEN 'contradicted' END
        WHEN a.score IS NULL THEN 'uncertain'
        WHEN abs(a.score / a.threshold - 1) <= 0.1 THEN 'uncertain'
        WHEN a.nearest -> 0 ->> 'label' <> a.verdict THEN 'disagreement' END AS reason) AS r
    WHERE a.item_id IS NULL AND r.reason IS NOT NULL
) AS w;

COMMENT ON VIEW search.to_label IS
    'Inspected pictures worth a label: contradicted, in disagreement, or uncertain; in order of place.';
