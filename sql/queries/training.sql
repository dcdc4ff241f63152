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
-- Citations in texts of items of a collection, each with the name of the law that it is of.
SELECT u.id AS item_id, f.citation_no, f.cited, f.item_id AS cited_item_id
FROM impl.texts_cite(impl.named_collection(%(collection)s), %(texts)s::text[], %(laws)s::text[]) AS f
JOIN unnest(%(item_ids)s::bigint[]) WITH ORDINALITY AS u(id, at) ON u.at = f.at
ORDER BY u.id, f.citation_no, f.item_id

-- name: steps
-- Steps of training behind an id, the latest first; of one kind or of all.
SELECT * FROM search.training
WHERE (%(before)s::bigint IS NULL OR step_id < %(before)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
ORDER BY step_id DESC LIMIT %(limit)s
