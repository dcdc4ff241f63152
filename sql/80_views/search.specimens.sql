-- Registered pictures and their labels.
--   SELECT external_id, product, label, defect, view FROM search.specimens WHERE product = 'bracket';
CREATE OR REPLACE VIEW search.specimens WITH (security_invoker = true) AS
SELECT s.item_id, i.collection, i.external_id, p.name AS product,
       CASE WHEN s.defect_type_id IS NULL THEN 'normal' ELSE 'defect' END AS label,
       d.name AS defect, d.name_ko, d.name_en, s.view, s.piece, s.registered_at
FROM core.specimen AS s
JOIN search.items AS i ON i.item_id = s.item_id
JOIN core.product AS p ON p.id = s.product_id
LEFT JOIN core.defect_type AS d ON d.id = s.defect_type_id;

COMMENT ON VIEW search.specimens IS 'Registered pictures with product, label, defect, view and piece.';
