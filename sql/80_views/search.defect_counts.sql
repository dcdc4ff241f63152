-- Number of inspected pictures by day (UTC), product and finding; a person's verdict counts where there is
-- one.
--   SELECT day, product, finding, pictures FROM search.defect_counts ORDER BY day DESC, product, finding;
CREATE OR REPLACE VIEW search.defect_counts WITH (security_invoker = true) AS
SELECT (a.created_at AT TIME ZONE 'UTC')::date AS day, a.product,
       coalesce(CASE WHEN a.said = 'normal' THEN 'normal' ELSE a.said_defect END,
                CASE a.verdict WHEN 'defect' THEN coalesce(a.defect, 'unknown')
                     ELSE a.verdict END) AS finding,
       count(*) AS pictures, count(a.said) AS with_feedback,
       count(*) FILTER (WHERE a.said = a.verdict) AS agreed
FROM search.analyses AS a
GROUP BY 1, 2, 3;

COMMENT ON VIEW search.defect_counts IS
    'Inspected pictures by day, product and finding; how many people judged, and how many agreed.';
