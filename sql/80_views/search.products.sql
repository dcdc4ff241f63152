-- Products with their defect types, number of registered pictures, and live banks.
--   SELECT product, name_ko, normal, defective, defects FROM search.products ORDER BY product;
CREATE OR REPLACE VIEW search.products WITH (security_invoker = true) AS
SELECT p.id AS product_id, p.name AS product, p.name_ko, p.name_en, c.name AS collection, s.normal,
       s.defective, s.views, d.defects, b.banks,
       coalesce(m.name, 'manuals') AS manuals
FROM core.product AS p
JOIN core.collection AS c ON c.id = p.collection_id
LEFT JOIN core.collection AS m ON m.id = p.manuals_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE t.defect_type_id IS NULL) AS normal,
           count(*) FILTER (WHERE t.defect_type_id IS NOT NULL) AS defective,
           coalesce(array_agg(DISTINCT t.view), '{}') AS views
    FROM core.specimen AS t WHERE t.product_id = p.id
) AS s
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'defect', t.name, 'name_ko', t.name_ko, 'name_en', t.name_en,
        'pictures', (SELECT count(*) FROM core.specimen AS e WHERE e.defect_type_id = t.id))
        ORDER BY t.name), '[]') AS defects
    FROM core.defect_type AS t WHERE t.product_id = p.id
) AS d
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(t.view, t.version), '{}') AS banks
    FROM core.patch_bank AS t WHERE t.product_id = p.id AND t.status = 'live'
) AS b;

COMMENT ON VIEW search.products IS
    'Products: names, defect types, registered pictures, the version of the live bank per view, collection '
    'of manuals.';
