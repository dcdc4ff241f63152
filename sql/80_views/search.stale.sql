-- Items whose vectors in a live or building generation do not fit their content, by its hash; exact, where
-- search.coverage relies on the outbox. Computes every item that is selected: filter by collection or space.
--   SELECT external_id, state, queued FROM search.stale WHERE collection = 'parts' AND space = 'text';
CREATE OR REPLACE VIEW search.stale WITH (security_invoker = true) AS
SELECT c.name AS collection, i.external_id, i.id AS item_id, s.name AS space, s.generation, s.status, v.state,
       o.item_id IS NOT NULL AS queued, o.enqueued_at, o.error
FROM ops.space AS s
JOIN core.collection AS c ON c.vector_sources ? s.name
JOIN core.item AS i ON i.collection_id = c.id
CROSS JOIN LATERAL (SELECT impl.vector_state(s, c.vector_sources, i.id,
                                             i.fields || i.picture_fields) AS state) AS v
LEFT JOIN ops.outbox AS o ON o.space_id = s.id AND o.item_id = i.id
WHERE s.status <> 'retired' AND v.state IN ('stale', 'missing');

COMMENT ON VIEW search.stale IS 'Items with missing or outdated vectors, and whether they are queued.';
