-- Vector leg: items nearest to a query vector by cosine; an item counts once, by its best vector.
-- Score: cosine similarity in [-1, 1], higher is better; ties by item_id.
-- Few matching items (exact_limit): exact scan over them. Otherwise the HNSW index, scanned on and on
-- (iterative scan, relaxed order: strict order would drop what it finds late) until k items are found or the index
-- is exhausted; the result is sorted here.
--   SELECT * FROM search.semantic('text', (SELECT vec FROM core.embedding LIMIT 1), 5, '$.year >= 2019', 'parts');
CREATE OR REPLACE FUNCTION search.semantic(
    space text, query_vec halfvec, k int DEFAULT 10, filter text DEFAULT NULL, collection text DEFAULT NULL,
    only_source text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, source text, part_no int)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, public, pg_temp
SET hnsw.iterative_scan = 'relaxed_order'
SET hnsw.max_scan_tuples = 2000000000
SET hnsw.ef_search = 100
AS $$
#variable_conflict use_column
DECLARE
    exact_limit CONSTANT int := 5000;
    live ops.space := impl.live_space(space);
    cid int := CASE WHEN collection IS NOT NULL THEN impl.collection_id(collection) END;
    f record := impl.parse_filter(filter);
    pool int := k;
    matching bigint;
    scanned bigint;
    found bigint;
    ids bigint[];
    sources text[];
    parts int[];
    dists float8[];
    matches CONSTANT text := '($2 IS NULL OR i.collection_id = $2) AND ($3 IS NULL OR i.metadata @> $3) AND ($4 IS NULL OR i.metadata @@ $4)';
    -- PostgreSQL's GIN index reads !(a != b) as a == b and misses documents without a: no index for those.
    clause CONSTANT text := CASE WHEN f.path::text LIKE '%!(%'
        THEN replace(matches, 'i.metadata @@ $4', 'jsonb_path_match(i.metadata, $4, ''{}'', true)') ELSE matches END;
BEGIN
    PERFORM impl.check_vector(query_vec, live.dim, live.name);
    PERFORM set_config('hnsw.ef_search', live.ef_search::text, true);
    EXECUTE 'SELECT count(*) FROM (SELECT FROM core.item AS i WHERE ' || clause || ' LIMIT $1) AS m'
        INTO matching USING exact_limit + 1, cid, f.contains, f.path;
    IF matching <= exact_limit THEN
        -- The distance is computed in a fenced CTE: ordered directly, the planner may take the HNSW index
        -- and stop after ef_search candidates, few of which pass the filter.
        RETURN QUERY EXECUTE format($q$
            WITH near AS MATERIALIZED (
                SELECT e.item_id, e.source, e.part_no, e.vec <=> $1 AS dist
                FROM core.item AS i JOIN core.%I AS e ON e.item_id = i.id
                WHERE %s AND ($5 IS NULL OR e.source = $5)
            ), best AS (
                SELECT DISTINCT ON (item_id) * FROM near ORDER BY item_id, dist, source, part_no
            )
            SELECT item_id, (row_number() OVER (ORDER BY dist, item_id))::int, 1 - dist, source, part_no
            FROM best ORDER BY dist, item_id LIMIT $6 $q$, 'embedding_' || live.id, clause)
            USING query_vec, cid, f.contains, f.path, only_source, k;
        RETURN;
    END IF;
    LOOP
        EXECUTE format($q$
            WITH near AS MATERIALIZED (
                SELECT e.item_id, e.source, e.part_no, e.vec::halfvec(%3$s) <=> $1 AS dist
                FROM core.%1$I AS e JOIN core.item AS i ON i.id = e.item_id
                WHERE %2$s AND ($5 IS NULL OR e.source = $5)
                ORDER BY e.vec::halfvec(%3$s) <=> $1 LIMIT $6
            )
            SELECT array_agg(item_id), array_agg(source), array_agg(part_no), array_agg(dist),
                   count(*), count(DISTINCT item_id) FROM near $q$, 'embedding_' || live.id, clause, live.dim)
            INTO ids, sources, parts, dists, scanned, found
            USING query_vec, cid, f.contains, f.path, only_source, pool;
        -- Several vectors of one item may fill the pool: widen it until k items are in it or all are.
        EXIT WHEN k IS NULL OR found >= k OR scanned < pool;
        pool := pool * 4;
    END LOOP;
    RETURN QUERY
    WITH best AS (
        SELECT DISTINCT ON (n.id) n.* FROM unnest(ids, sources, parts, dists) AS n(id, src, part, dist)
        ORDER BY n.id, n.dist, n.src, n.part
    )
    SELECT b.id, (row_number() OVER (ORDER BY b.dist, b.id))::int, 1 - b.dist, b.src, b.part
    FROM best AS b ORDER BY b.dist, b.id LIMIT k;
END $$;

COMMENT ON FUNCTION search.semantic(text, halfvec, int, text, text, text) IS
    'Items nearest to a vector in the live generation of a space, each once, by cosine similarity (higher is better). Returns k items whenever k match.';
