-- Rebuilds core.identifier, which a revision empties when it changes how numbers are folded.
SELECT impl.refresh_identifiers(array_agg(i.id ORDER BY i.id))
FROM core.item AS i
WHERE NOT EXISTS (SELECT FROM core.identifier)
GROUP BY i.id / 1000;
