-- Embedding spaces, live and not, and the state of their index.
--   SELECT * FROM search.spaces WHERE status = 'live';
CREATE OR REPLACE VIEW search.spaces WITH (security_invoker = true) AS
SELECT s.id AS space_id, s.name AS space, s.generation, s.status, s.encoder, s.identity, s.dim, s.modality,
       s.distance, s.quantization, s.m, s.ef_construction, s.ef_search, s.min_similarity, s.created_at,
       s.kind = 'sparse' OR coalesce((SELECT i.indisvalid FROM pg_index AS i
                 WHERE i.indexrelid = to_regclass('core.embedding_' || s.id || '_hnsw')), false) AS indexed,
       (SELECT r.recall FROM ops.recall AS r WHERE r.space_id = s.id
        ORDER BY r.measured_at DESC LIMIT 1) AS last_recall,
       s.retired_at, s.kind
FROM ops.space AS s;

COMMENT ON VIEW search.spaces IS
    'Embedding spaces: encoder, generation, index parameters, whether indexed, last measured recall.';
