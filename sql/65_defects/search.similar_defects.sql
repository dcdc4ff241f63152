-- Registered pictures similar to a picture, by its vector: the nearest of a product (or of all, product
-- NULL), only defective ones unless normals. Score: cosine similarity; higher is better; ties by item_id.
-- Products are here, whatever is on shards.
--   SELECT * FROM search.similar_defects('bracket', '[…]'::halfvec, 5);
CREATE OR REPLACE FUNCTION search.similar_defects(
    product text,
    query_vec pgvector.halfvec,
    k int DEFAULT 5,
    normals boolean DEFAULT false,
    space text DEFAULT 'image')
RETURNS TABLE (
    item_id bigint,
    rank int,
    score float8,
    of_product text,
    of_defect text,
    view text,
    picture_id bigint,
    path text)
LANGUAGE plpgsql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = '{"own": true}'
AS $$
#variable_conflict use_column
DECLARE
    home core.product;
    collection text;
    wanted jsonb := CASE WHEN normals THEN '{}'::jsonb ELSE '{"label": "defect"}'::jsonb END;
BEGIN
    PERFORM impl.at_least('k', k, 0);
    IF similar_defects.product IS NOT NULL THEN
        home := impl.product(similar_defects.product);
        wanted := wanted || jsonb_build_object('product', home.name);
        SELECT c.name INTO collection FROM core.collection AS c WHERE c.id = home.collection_id;
    END IF;
    RETURN QUERY
    SELECT n.item_id, row_number() OVER (ORDER BY n.rank)::int, n.score, p.name, d.name, s.view, m.picture_id,
           n.path
    FROM search.semantic(similar_defects.space, query_vec, k, wanted::text, collection) AS n
    JOIN core.specimen AS s ON s.item_id = n.item_id
    JOIN core.product AS p ON p.id = s.product_id
    LEFT JOIN core.defect_type AS d ON d.id = s.defect_type_id
    LEFT JOIN LATERAL (
        SELECT t.picture_id FROM core.media AS t WHERE t.item_id = n.item_id AND t.picture_id IS NOT NULL
        ORDER BY t.role DESC, t."position" LIMIT 1
    ) AS m ON true
    ORDER BY n.rank;
END $$;

COMMENT ON FUNCTION search.similar_defects(text, pgvector.halfvec, int, boolean, text) IS
    'Registered pictures nearest to a vector, with their product and defect.';
