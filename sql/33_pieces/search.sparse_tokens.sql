-- Vocabularies of the spaces of kind sparse: their tokens, as the tokenizers of their encoders write them,
-- and the weight of each in a query that goes through no model.
--   SELECT token, idf FROM search.sparse_tokens WHERE space = 'sparse' AND token LIKE 'pump%';
CREATE OR REPLACE VIEW search.sparse_tokens WITH (security_invoker = true) AS
SELECT s.name AS space, s.generation, s.status, t.token_id, t.token, t.idf
FROM core.sparse_token AS t JOIN ops.space AS s ON s.id = t.space_id;

COMMENT ON VIEW search.sparse_tokens IS 'Vocabularies of the spaces of kind sparse.';
