-- Indexes items that are older than the lexical index of their collection, when the index is installed.
SELECT impl.lexical_add(x.id, array_agg(i.id ORDER BY i.id))
FROM core.lexical_index AS x
JOIN core.item AS i ON i.collection_id = x.collection_id
WHERE x.status = 'live' AND NOT EXISTS (SELECT FROM core.lexdoc AS d
                                        WHERE d.index_id = x.id AND d.item_id = i.id)
GROUP BY x.id;
