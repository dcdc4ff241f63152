-- Patches of the live banks, with their normal picture and position; nearest to a vector:
--   SELECT patch_no, external_id, row_no, col_no FROM search.patches WHERE product = 'bracket'
--       ORDER BY vec <-> '[…]' LIMIT 5;
CREATE OR REPLACE VIEW search.patches WITH (security_invoker = true) AS
SELECT p.name AS product, b.view, b.version, t.patch_no, t.item_id, i.external_id, t.row_no, t.col_no, t.vec
FROM core.patch AS t
JOIN core.patch_bank AS b ON b.id = t.bank_id AND b.status = 'live'
JOIN core.product AS p ON p.id = b.product_id
LEFT JOIN core.item AS i ON i.id = t.item_id;

COMMENT ON VIEW search.patches IS
    'Patches of the live memory banks, with their picture and position; compare them by <->.';
