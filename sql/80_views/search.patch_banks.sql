-- Memory banks, live and not: their model, thresholds, and the scores of the normal pictures that set them.
-- joined: other detectors judge beside the patches; false where the bank was built before there were any.
-- labels: what was learned from labelled defects, on pieces held out; NULL where the bank did not look.
--   SELECT product, view, version, status, patches, threshold FROM search.patch_banks
--       ORDER BY product, view, version;
CREATE OR REPLACE VIEW search.patch_banks WITH (security_invoker = true) AS
SELECT b.id AS bank_id, p.name AS product, b.view, b.version, b.status, b.backbone, b.identity, b.side, b.rim,
       b.dim, b.seed, b.threshold, b.pixel_threshold,
       (SELECT count(*) FROM core.patch AS t WHERE t.bank_id = b.id) AS patches,
       n.held_out, n.held_out_mean, n.held_out_max, b.report, b.created_at, b.live_at, b.retired_at,
       b.detectors IS NOT NULL AS joined,
       ARRAY(SELECT jsonb_array_elements_text(coalesce(b.report -> 'detectors', '["patches"]')))
           AS detectors,
       b.report -> 'labels' AS labels
FROM core.patch_bank AS b
JOIN core.product AS p ON p.id = b.product_id
CROSS JOIN LATERAL (
    SELECT count(*) AS held_out, avg(t.score) AS held_out_mean, max(t.score) AS held_out_max
    FROM core.normal_score AS t WHERE t.bank_id = b.id
) AS n;

COMMENT ON VIEW search.patch_banks IS
    'Memory banks of normal patches per product and view, with thresholds and the scores of normal pictures.';
