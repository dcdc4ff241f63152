-- Statements that create training pairs.

-- name: passages
-- Items that a space embeds, with the text of their first source.
SELECT i.id AS item_id, i.external_id, i.fields, i.metadata,
       (SELECT t.value FROM jsonb_each_text(impl.vector_input(c.vector_sources, %(space)s, i.fields)) AS t
        ORDER BY t.key LIMIT 1) AS text
FROM core.collection AS c CROSS JOIN LATERAL impl.items_of(c.id) AS i
WHERE c.id = impl.named_collection(%(collection)s)
  AND impl.vector_input(c.vector_sources, %(space)s, i.fields) <> '{}'
ORDER BY i.id

-- name: all_citations
-- Citations in the texts of the items of a collection between two ids; a field names the law of an item.
SELECT i.id AS item_id, f.citation_no, f.cited, f.item_id AS cited_item_id
FROM core.item AS i
CROSS JOIN LATERAL impl.cited_items(i.collection_id, i.fields ->> %(text_field)s,
                                    i.fields ->> %(law_field)s) AS f
WHERE i.collection_id = impl.collection_id(%(collection)s) AND i.id BETWEEN %(first_id)s AND %(last_id)s
ORDER BY i.id, f.citation_no, f.item_id

-- name: steps
-- Steps of training behind an id, the latest first; of one kind or of all.
SELECT * FROM search.training
WHERE (%(before)s::bigint IS NULL OR step_id < %(before)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY step_id DESC LIMIT %(limit)s
