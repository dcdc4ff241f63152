-- Embedding spaces, live and not.
--   SELECT * FROM search.spaces WHERE status = 'live';
CREATE OR REPLACE VIEW search.spaces WITH (security_invoker = true) AS
SELECT s.id AS space_id, s.name AS space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality,
       s.ef_search, s.min_similarity, s.created_at
FROM ops.space AS s;

COMMENT ON VIEW search.spaces IS 'Embedding spaces: which encoder made their vectors, in which generation.';
