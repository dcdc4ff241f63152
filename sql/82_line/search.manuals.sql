-- Manuals of products, live and replaced versions: how many sections each has, which defects they answer and
-- which of the product's defects they do not (`without`), pages that OCR read, lines in no section.
--   SELECT manual_id, product, document, version, live, sections, defects, without FROM search.manuals
--       ORDER BY product, document, version;
CREATE OR REPLACE VIEW search.manuals WITH (security_invoker = true) AS
SELECT m.id AS manual_id, p.name AS product, m.document, m.version, m.replaced_at IS NULL AS live,
       c.name AS collection, jsonb_array_length(m.sections) AS sections, s.defects,
       ARRAY(SELECT d.name FROM core.defect_type AS d
             WHERE d.product_id = p.id AND d.name <> ALL (s.defects) ORDER BY d.name) AS without,
       s.pages,
       coalesce(jsonb_array_length(m.report -> 'scanned'), 0) AS read_by_ocr,
       coalesce((m.report ->> 'unread')::int, 0) AS unread,
       coalesce(jsonb_array_length(m.report -> 'outside'), 0) AS outside, m.made_at, m.replaced_at
FROM core.manual AS m
JOIN core.product AS p ON p.id = m.product_id
JOIN core.collection AS c ON c.id = m.collection_id
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT g.defect ORDER BY g.defect) FILTER (WHERE g.defect IS NOT NULL),
                    '{}') AS defects, count(DISTINCT g.page)::int AS pages
    FROM (SELECT e.value -> 'metadata' ->> 'defect' AS defect, e.value -> 'metadata' ->> 'page' AS page
          FROM jsonb_array_elements(m.sections) AS e) AS g
) AS s;

COMMENT ON VIEW search.manuals IS
    'Manuals of products by version: sections, defects they answer, what reading left out.';
