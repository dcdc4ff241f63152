-- The engine of legs in spaces of kind sparse: items by the inner product of their token weights and the
-- query's, exact, as arrays, best first; an item counts by its best row, and one that shares no token with
-- the query is no hit. Stored weights are 32-bit floats, those of the query half floats.
--   exact  a filter lets few items pass, or there is no chunk yet, or k is NULL: rows are scored one by one
--   index  rows in no chunk are scored one by one, the best of the others are found by adding up vectors
--          (impl.sparse_chunked)
-- The answer is that of scoring every row.
--   SELECT * FROM impl.nearest_sparse(impl.live_space('sparse'), impl.packed('{7}', '{1}'), 10);
CREATE OR REPLACE FUNCTION impl.nearest_sparse(
    live ops.space,
    query_vec pgvector.halfvec,
    k int,
    filter text DEFAULT NULL,
    collection text DEFAULT NULL,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    force_path text DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT path text,
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_variable
DECLARE
    filtered_n CONSTANT int := 2000;  -- matching items up to which each is scored
    passing_least CONSTANT float8 := 0.2;  -- share of items that pass a filter, as long as nothing is known
    cid CONSTANT int := CASE WHEN collection IS NOT NULL THEN impl.collection_id(collection) END;
    f CONSTANT record := impl.parse_filter(CASE WHEN cid IS NULL THEN filter
                                                ELSE impl.dated(cid, filter) END);
    narrowed CONSTANT boolean := f.contains IS NOT NULL OR f.path IS NOT NULL;
    filtered CONSTANT boolean := narrowed OR cid IS NOT NULL AND EXISTS (
        SELECT FROM core.collection AS c WHERE (c.vector_sources ? live.name) = (c.id <> cid));
    asked CONSTANT record := impl.unpacked(query_vec);
    vec CONSTANT pgvector.sparsevec := impl.weights_vector(asked.ids, asked.weights, live.dim);
    n CONSTANT int := coalesce(k, 2147483647);
    allowed bigint[];
    part record;
    left_n int;
BEGIN
    path := coalesce(force_path, CASE WHEN k IS NULL OR NOT EXISTS (
        SELECT FROM core.lexical_chunk AS c WHERE c.index_id = -live.id) THEN 'exact' END);
    IF narrowed AND path IS DISTINCT FROM 'index' THEN
        allowed := impl.matching_items(cid, f.contains, f.path, filtered_n + 1);
        path := CASE WHEN cardinality(allowed) <= filtered_n THEN 'exact' ELSE path END;
    END IF;
    path := coalesce(path, 'index');
    EXECUTE impl.sparse_statement(live.id, CASE WHEN path = 'index' THEN 'fresh'
        WHEN cardinality(allowed) <= filtered_n THEN 'items' ELSE 'all' END, filtered) INTO part
        USING vec, n, only_source, allowed, excluded, cid, f.contains, f.path;
    detail := '{}';
    IF path = 'index' AND n > 0 THEN
        SELECT c.* INTO part FROM impl.sparse_chunked(
            live, query_vec, impl.sparse_statement(live.id, 'docs', filtered), n, part.ids, part.scores,
            part.sources, part.parts, CASE WHEN narrowed THEN passing_least ELSE 1 END, only_source, excluded,
            cid, f.contains, f.path) AS c;
        detail := part.detail;
    END IF;
    left_n := (SELECT count(*) FROM unnest(part.scores) AS s
               WHERE live.min_similarity IS NULL OR s >= live.min_similarity);
    ids := part.ids[:left_n];
    scores := part.scores[:left_n];
    sources := part.sources[:left_n];
    parts := part.parts[:left_n];
    detail := detail || jsonb_build_object('path', path, 'asked', k, 'found', left_n,
                                           'tokens', cardinality(asked.ids));
END $$;

COMMENT ON FUNCTION impl.nearest_sparse(ops.space, pgvector.halfvec, int, text, text, text, bigint[], text) IS
    'Items by the inner product of token weights, exact, as arrays, with the method used.';
