-- A revision that changes how numbers are folded empties core.identifier; here they are read anew.
SELECT impl.refresh_identifiers(array_agg(i.id ORDER BY i.id))
FROM core.item AS i
WHERE NOT EXISTS (SELECT FROM core.identifier)
GROUP BY i.id / 1000;
