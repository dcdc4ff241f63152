-- Searches a collection by the token weights of its items and of a query text, in a space of kind sparse; its
-- first one by name without `space`. The weights of the query are: those given; else the stored ones of the
-- text (search.request_vector); else, where the space has idf of its tokens, these alone, which needs no
-- model. Score: the inner product, exact; higher is better; ties by item_id; an item counts by its best row,
-- and one without a token of the query is no hit. path: exact or index (impl.nearest_sparse).
--   SELECT i.external_id, h.score FROM search.sparse('parts', '진공 펌프 소음') AS h
--   JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.sparse(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    space text DEFAULT NULL,
    query_vec pgvector.halfvec DEFAULT NULL,
    only_source text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, source text, part_no int, path text)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT ops.space := impl.sparse_space(collection, space);
    vec CONSTANT pgvector.halfvec := coalesce(query_vec, impl.query_vector(live.id, query));
BEGIN
    IF vec IS NULL THEN
        RAISE EXCEPTION 'no weights of the query are stored in space %', live.name USING ERRCODE = 'SG003',
            HINT = 'Give them, or SELECT search.request_vector(query, space) and wait for the worker.';
    END IF;
    RETURN QUERY SELECT s.* FROM search.semantic(live.name || '@' || live.generation, vec, k, filter,
                                                 collection, only_source) AS s;
END $$;

COMMENT ON FUNCTION search.sparse(text, text, int, text, text, pgvector.halfvec, text) IS
    'Items of a collection by token weights (learned sparse retrieval), exact. Score: higher is better.';
