-- Indexes items that are older than the lexical index of their collection, when the index is installed.
-- For analyzer version 2: an upgrade applies this file again where its text has changed, so the number of
-- impl.analyzer_version stands here too.
-- Where tables of an older index are there (revision 0021), a new one was built beside them: what was written
-- meanwhile is mended, and they are dropped. Until this transaction ends, searches read them.
SELECT impl.lexical_mend(x.id) FROM core.lexical_index AS x
WHERE x.status = 'live' AND to_regclass('core.lexdoc') IS NOT NULL;

SELECT impl.lexical_add(x.id, array_agg(i.id ORDER BY i.id))
FROM core.lexical_index AS x
JOIN core.item AS i ON i.collection_id = x.collection_id
WHERE x.status = 'live' AND NOT EXISTS (SELECT FROM core.document AS d
                                        WHERE d.index_id = x.id AND d.item_id = i.id)
GROUP BY x.id;

-- These were made by the analyzers of today; others are built anew, behind this transaction.
UPDATE core.lexical_index AS x SET analyzer_version = impl.analyzer_version()
WHERE to_regclass('core.lexdoc') IS NOT NULL;

SELECT impl.renew_indexes();

DROP TABLE IF EXISTS core.posting_block, core.lexdoc, core.segment;
