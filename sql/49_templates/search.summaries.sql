-- Summaries in use: of which texts a space has the vector of a summary, not vectors of windows; by whom they
-- were made, and of how many tokens the text is, about.
--   SELECT external_id, space, source, tokens, model FROM search.summaries;
CREATE OR REPLACE VIEW search.summaries WITH (security_invoker = true) AS
SELECT c.name AS collection, i.external_id, i.id AS item_id, s.name AS space, s.generation, m.source, m.text,
       m.tokens, m.model, m.prompt, m.made_at
FROM core.summary AS m
JOIN core.item AS i ON i.id = m.item_id
JOIN core.collection AS c ON c.id = i.collection_id
JOIN ops.space AS s ON s.id = m.space_id
JOIN core.embedding AS e ON e.space_id = m.space_id AND e.item_id = m.item_id AND e.source = m.source
    AND e.part_no = 0 AND e.content_hash = m.content_hash;

COMMENT ON VIEW search.summaries IS 'Texts of which a summary was embedded, with the summary and its origin.';
