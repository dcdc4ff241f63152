-- Pinned and buried items per query, with what they do now.
--   SELECT query, external_id, place, state FROM search.pins WHERE collection = 'parts';
CREATE OR REPLACE VIEW search.pins WITH (security_invoker = true) AS
SELECT c.name AS collection, p.query, p.external_id, p.place,
       nullif(p.valid_from, '-infinity') AS valid_from, nullif(p.valid_until, 'infinity') AS valid_until,
       p.note,
       CASE WHEN i.id IS NULL THEN 'no item' WHEN now() < p.valid_from THEN 'not yet'
            WHEN now() >= p.valid_until THEN 'over' ELSE 'in force' END AS state, p.created_at
FROM core.pin AS p JOIN core.collection AS c ON c.id = p.collection_id
LEFT JOIN core.item AS i ON i.collection_id = p.collection_id AND i.external_id = p.external_id;

COMMENT ON VIEW search.pins IS 'Items pinned (place) or buried (no place) for a query, and whether in force.';
