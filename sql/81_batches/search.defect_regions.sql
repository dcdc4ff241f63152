-- Abnormal regions of inspected pictures, in pixels of the picture, the highest peak first. area: share of
-- the picture. peak: highest value of the map, in multiples of the threshold of pixels. detector: the
-- strongest there; NULL where the bank judges alone. outline: corners of a polygon, [[x, y], …].
--   SELECT analysis_id, region_no, x, y, width, height, detector, peak FROM search.defect_regions
--       ORDER BY analysis_id DESC, region_no LIMIT 5;
CREATE OR REPLACE VIEW search.defect_regions WITH (security_invoker = true) AS
SELECT a.id AS analysis_id, p.name AS product, a.view, r.region_no::int AS region_no,
       (r.region #>> '{box,0}')::int AS x, (r.region #>> '{box,1}')::int AS y,
       (r.region #>> '{box,2}')::int AS width, (r.region #>> '{box,3}')::int AS height,
       (r.region ->> 'area')::float8 AS area, (r.region ->> 'peak')::float8 AS peak,
       r.region ->> 'detector' AS detector, r.region -> 'outline' AS outline,
       a.score > a.threshold AS in_defect
FROM core.analysis AS a
JOIN core.product AS p ON p.id = a.product_id
CROSS JOIN LATERAL jsonb_array_elements(a.regions) WITH ORDINALITY AS r(region, region_no);

COMMENT ON VIEW search.defect_regions IS
    'Abnormal regions of inspected pictures, in pixels of the picture: box, outline, area, peak, detector.';
