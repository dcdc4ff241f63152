-- The engine of every vector leg: items nearest to a vector in a space, each once, by its best vector, as
-- parallel arrays in the order of the answer, with the method used.
--   exact  at most exact_n items match, or there is no index, or too few of the nearest vectors match: the
--          vectors of all matching items are compared. About 1.6 us each.
--   hnsw   the nearest vectors of the whole space come from the index, `depth` of them; those that match are
--          the
--          answer once k items are among them. Otherwise depth grows by the share that matched; where hardly
--          any did (a filter that leads away from the query), the exact way takes over.
-- The filter is applied after the index on purpose: inside an iterative index scan, a filter that is
-- correlated with distance returns k rows that are not the nearest (recall 0.5 was measured), without a
-- warning. So k items are returned whenever k match, and those within the reach of the index are the nearest.
-- A binary space scans bits by Hamming distance, ten times as deep, and re-ranks by the distance. excluded
-- items are left out; force_path is for measurements.
-- In a space of kind multi, a query of several tokens is scored by late interaction, among these and
-- candidates (impl.nearest_tokens); one vector is compared with the items' mean vectors, as here. A space of
-- kind sparse has an engine of its own (impl.nearest_sparse).
--   SELECT * FROM impl.nearest(impl.live_space('text'), (SELECT vec FROM core.embedding LIMIT 1), 5);
CREATE OR REPLACE FUNCTION impl.nearest(
    live ops.space,
    query_vec pgvector.halfvec,
    k int,
    filter text DEFAULT NULL,
    collection text DEFAULT NULL,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    force_path text DEFAULT NULL,
    candidates bigint[] DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT path text,
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET hnsw.iterative_scan = 'relaxed_order'
SET hnsw.max_scan_tuples = 2000000000
SET hnsw.ef_search = 100
AS $$
DECLARE
    -- Chosen on 200,000 vectors; bench/vectors.py shows their effect (docs/benchmarks.md, docs/adr/0004).
    exact_n CONSTANT int := 2500;  -- matching items up to which all are compared: 4 ms
    few_n CONSTANT int := 3;  -- fewer matches than this do not tell how deep to look
    depth_most CONSTANT int := 20000;  -- deeper, comparing all is faster
    ef_most CONSTANT int := 1000;  -- the most that pgvector allows
    binary_factor CONSTANT int := 10;  -- candidates of bits per vector, as in impl.nearest_statement
    surplus CONSTANT float8 := 1.5;  -- how much deeper than the estimate
    every CONSTANT int := 2147483647;
    f record;
    cid int := CASE WHEN collection IS NOT NULL THEN impl.named_collection(collection) END;
    part CONSTANT text := 'embedding_' || live.id;
    depth bigint;
    allowed bigint[];
    statement text;
    ef int;
    fetched bigint;
    grown boolean := false;
BEGIN
    filter := CASE WHEN cid IS NULL THEN filter ELSE impl.dated(cid, filter) END;
    f := impl.parse_filter(filter);
    PERFORM impl.check_vector(query_vec, live), impl.at_least('k', k, 0);
    IF live.kind = 'sparse' AND impl.asks_shards(cid) THEN
        SELECT n.* INTO ids, scores, sources, parts, path, detail
        FROM impl.shard_nearest(live, query_vec, collection, k, filter, only_source, excluded, force_path)
            AS n;
        RETURN;
    ELSIF live.kind = 'sparse' THEN
        SELECT n.* INTO ids, scores, sources, parts, path, detail
        FROM impl.nearest_sparse(live, query_vec, k, filter, collection, only_source, excluded) AS n;
        RETURN;
    END IF;
    IF pgvector.vector_dims(query_vec) > live.dim THEN
        SELECT n.* INTO ids, scores, sources, parts, path, detail
        FROM impl.nearest_tokens(live, query_vec, k, filter, collection, only_source, excluded,
                                 candidates) AS n;
        RETURN;
    END IF;
    k := coalesce(k, every);
    IF impl.asks_shards(cid) THEN
        SELECT n.* INTO ids, scores, sources, parts, path, detail
        FROM impl.shard_nearest(live, query_vec, collection, k, filter, only_source, excluded, force_path)
            AS n;
        RETURN;
    END IF;
    depth := cardinality(excluded)::bigint + CASE WHEN filter IS NULL THEN k
                                                  ELSE greatest(k, live.ef_search) END;
    path := force_path;
    IF path IS NULL AND NOT EXISTS (SELECT FROM pg_index AS i
                                    WHERE i.indexrelid = to_regclass('core.' || part || '_hnsw')
                                      AND i.indisvalid) THEN
        path := 'exact';
    ELSIF path IS NULL AND (cid IS NOT NULL OR filter IS NOT NULL) THEN
        IF (CASE WHEN f.contains IS NULL AND f.path IS NULL THEN impl.collection_size(cid) <= exact_n
                 ELSE NOT impl.matches_many(cid, f.contains, f.path, exact_n) END) THEN
            allowed := impl.matching_items(cid, f.contains, f.path, exact_n + 1);
        END IF;
        path := CASE WHEN cardinality(allowed) <= exact_n THEN 'exact' END;
    END IF;
    path := coalesce(path, 'hnsw');
    LOOP
        IF path = 'exact' AND (cid IS NOT NULL OR filter IS NOT NULL)
            AND coalesce(cardinality(allowed), exact_n + 1) > exact_n THEN
            allowed := impl.matching_items(cid, f.contains, f.path, NULL);
        END IF;
        ef := greatest(live.ef_search,
            least(depth * CASE live.quantization WHEN 'binary' THEN binary_factor ELSE 1 END, ef_most));
        statement := impl.nearest_statement(
            live, path, cid IS NOT NULL OR f.contains IS NOT NULL OR f.path IS NOT NULL);
        PERFORM set_config('hnsw.ef_search', ef::text, true);
        EXECUTE statement INTO ids, scores, sources, parts, fetched
            USING query_vec, cid, f.contains, f.path, only_source, excluded, depth, k, allowed;
        EXIT WHEN coalesce(cardinality(ids), 0) >= k
            OR fetched < depth AND (path = 'exact' OR force_path = 'hnsw');
        -- An index that ran out may still have missed some.
        IF path = 'hnsw' AND force_path IS NULL
            AND (coalesce(cardinality(ids), 0) < few_n OR depth > depth_most OR fetched < depth
            OR filter IS NOT NULL AND grown) THEN
            path := 'exact';
        ELSE
            depth := ceil(depth * greatest(surplus * k / greatest(cardinality(ids), 1), 2));
            -- with a filter, once: where the estimate fails, the filter leads away from the query
            grown := true;
        END IF;
    END LOOP;
    IF live.min_similarity IS NOT NULL THEN
        SELECT array_agg(h.id ORDER BY h.at), array_agg(h.score ORDER BY h.at),
               array_agg(h.source ORDER BY h.at), array_agg(h.part ORDER BY h.at)
        INTO ids, scores, sources, parts
        FROM unnest(ids, scores, sources, parts) WITH ORDINALITY AS h(id, score, source, part, at)
        WHERE h.score >= live.min_similarity;
    END IF;
    detail := jsonb_build_object('path', path, 'asked', k, 'found', coalesce(cardinality(ids), 0),
        'fetched', fetched, 'ef_search', CASE WHEN path = 'hnsw' THEN ef END);
END $$;

COMMENT ON FUNCTION impl.nearest(ops.space, pgvector.halfvec, int, text, text, text, bigint[], text,
                             bigint[]) IS
    'Nearest items as arrays, with the method used: the engine of search.semantic and search.like_items.';
