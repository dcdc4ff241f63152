-- Graph of citations: which item cites which, as ops.read_citations last read them.
--   SELECT cited_external_id, count(*) FROM search.citation_graph WHERE collection = 'laws' GROUP BY 1;
CREATE OR REPLACE VIEW search.citation_graph WITH (security_invoker = true) AS
SELECT c.name AS collection, g.item_id, i.external_id, g.cited_id, o.external_id AS cited_external_id,
       g.cited, g.place
FROM core.citation AS g
JOIN core.item AS i ON i.id = g.item_id
JOIN core.item AS o ON o.id = g.cited_id
JOIN core.collection AS c ON c.id = i.collection_id
UNION ALL
SELECT c.name, a.item_id, a.external_id, a.cited_id, a.cited_external_id, a.cited, a.place
FROM core.collection AS c
CROSS JOIN LATERAL impl.graph_away(c.id) AS a;

COMMENT ON VIEW search.citation_graph IS
    'Citations between items, by their ids, as they are written.';
