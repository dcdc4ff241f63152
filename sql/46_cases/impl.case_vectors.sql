-- Vectors of the pictures of stored cases of search.quality, in a space of pictures: the first 20 of an item.
--   SELECT v.case_no, v.picture_no FROM impl.case_vectors(impl.live_space('image'),
--       impl.collection_id('parts'), impl.quality_cases(impl.collection_id('parts'), '{1,2}')) AS v;
CREATE OR REPLACE FUNCTION impl.case_vectors(live ops.space, cid int, cases jsonb)
RETURNS TABLE (case_no int, picture_no int, vec pgvector.halfvec)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY EXECUTE format($sql$
        SELECT i.no::int, p.no::int, e.vec
        FROM core.collection AS c
        CROSS JOIN jsonb_array_elements($3) WITH ORDINALITY AS i(v, no)
        CROSS JOIN LATERAL impl.vector_pictures(c.vector_sources, ($1).name, (i.v ->> 'item_id')::bigint)
            AS g(sources)
        CROSS JOIN LATERAL (
            SELECT f.* FROM core.%I AS f WHERE f.item_id = (i.v ->> 'item_id')::bigint
            ORDER BY f.source, f.part_no LIMIT 20) AS e
        CROSS JOIN LATERAL (
            SELECT min(n.no) AS no FROM jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS n(v, no)
            WHERE n.v -> 'picture_id' = g.sources -> e.source -> e.part_no) AS p
        WHERE c.id = $2 AND p.no IS NOT NULL$sql$, 'embedding_' || live.id) USING live, cid, cases;
END $$;

COMMENT ON FUNCTION impl.case_vectors(ops.space, int, jsonb) IS
    'Vectors of the pictures of stored items, for the rules of search.quality.';
