-- Weights of the tokens of a query text by their idf alone, as a query (impl.packed): each token once. No
-- model is needed. NULL in spaces whose queries go through one, and where the tokens cannot be found in SQL.
-- Geng, Wang, Ru, Yang: Towards Competitive Search Relevance for Inference-Free Learned Sparse Retrievers,
-- 2024.
--   SELECT impl.idf_query(1, '진공 펌프');
CREATE OR REPLACE FUNCTION impl.idf_query(space_id int, query text)
RETURNS pgvector.halfvec
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT impl.packed(array_agg(t.token_id), array_agg(t.idf::float8)) FROM core.sparse_token AS t
            WHERE t.space_id = s.id
              AND t.token_id = ANY (impl.word_pieces(s.id, idf_query.query, s.tokenizer)))
    FROM ops.space AS s
    WHERE s.id = idf_query.space_id AND s.tokenizer IS NOT NULL AND idf_query.query IS NOT NULL
$$;

COMMENT ON FUNCTION impl.idf_query(int, text) IS 'A query of token weights by idf alone, without a model.';
