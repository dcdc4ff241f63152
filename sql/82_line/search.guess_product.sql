-- Guesses product and view of a picture by its vector, from the k nearest registered pictures (of
-- only_product, or of all): every product and view among them, the likeliest first, by votes, then by the
-- nearest vote.
--   votes       neighbours of that product and view, of all neighbours
--   share       neighbours of that product among all: how sure the product is
--   view_share  neighbours of that view among those of the product
--   strangeness  distance of the picture from its neighbours over theirs from each other (means of the
--               cosine distance): about 1 for one like them, larger for one unlike; NULL for fewer than two
-- Products are here, whatever is on shards.
-- Breunig et al.: LOF, identifying density-based local outliers, 2000, for the idea of the last.
--   SELECT product, view, share, strangeness FROM search.guess_product('[…]'::halfvec);
CREATE OR REPLACE FUNCTION search.guess_product(
    query_vec pgvector.halfvec,
    only_product text DEFAULT NULL,
    k int DEFAULT 10,
    space text DEFAULT 'image')
RETURNS TABLE (
    product text,
    view text,
    rank int,
    votes int,
    neighbours int,
    share float8,
    view_share float8,
    strangeness float8)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = '{"own": true}'
AS $$
#variable_conflict use_column
DECLARE
    live CONSTANT ops.space := impl.live_space(guess_product.space);
    tiny CONSTANT float8 := 1e-4;  -- of half floats: copies of one picture
    home core.product;
    collection text;
    wanted text := '$.label == "normal" || $.label == "defect"';
BEGIN
    PERFORM impl.at_least('k', k, 1);
    IF guess_product.only_product IS NOT NULL THEN
        home := impl.product(guess_product.only_product);
        wanted := jsonb_build_object('product', home.name)::text;
        SELECT c.name INTO collection FROM core.collection AS c WHERE c.id = home.collection_id;
    END IF;
    RETURN QUERY
    WITH near AS MATERIALIZED (
        SELECT n.rank, n.score, p.name, s.view, impl.item_vector(live, n.item_id, NULL) AS vec
        FROM search.semantic(guess_product.space, query_vec, k, wanted, collection) AS n
        JOIN core.specimen AS s ON s.item_id = n.item_id
        JOIN core.product AS p ON p.id = s.product_id
    ),
    apart AS (
        SELECT (SELECT avg(1 - n.score) FROM near AS n)
               / greatest(avg(one.vec OPERATOR(pgvector.<=>) other.vec), tiny) AS strangeness
        FROM near AS one JOIN near AS other ON other.rank > one.rank
    ),
    counted AS (
        SELECT n.name, n.view, count(*) AS votes, min(n.rank) AS nearest,
               sum(count(*)) OVER (PARTITION BY n.name) AS of_product, sum(count(*)) OVER () AS whole,
               min(min(n.rank)) OVER (PARTITION BY n.name) AS first
        FROM near AS n GROUP BY n.name, n.view
    )
    SELECT c.name, c.view,
           row_number() OVER (ORDER BY c.of_product DESC, c.first, c.votes DESC, c.nearest)::int,
           c.votes::int, c.whole::int, (c.of_product / c.whole)::float8, (c.votes / c.of_product)::float8,
           (SELECT a.strangeness FROM apart AS a)
    FROM counted AS c ORDER BY 3;
END $$;

COMMENT ON FUNCTION search.guess_product(pgvector.halfvec, text, int, text) IS
    'Guesses product and view of a picture from the nearest registered ones, with the share of them.';
