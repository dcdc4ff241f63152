-- Rebuilds core.identifier: all of it where a revision has emptied it, and the items whose keys are those of
-- revisions before 0025, which began with > or - (impl.identifier_keys).
SELECT impl.refresh_identifiers(array_agg(i.id ORDER BY i.id))
FROM core.item AS i
WHERE NOT EXISTS (SELECT FROM core.identifier)
   OR i.id IN (SELECT d.item_id FROM core.identifier AS d WHERE d.keys[cardinality(d.keys)] ~ '^[>-]')
GROUP BY i.id / 1000;
