-- Token weights of items as a query (impl.packed): the mean of the rows of the first, less half the mean of
-- those of the others, as impl.rocchio does with vectors; NULL where the first have none. Added up in one
-- order, so that items on shards give the same bits.
--   SELECT impl.item_weights(1, ARRAY[1], '{}', NULL);
CREATE OR REPLACE FUNCTION impl.item_weights(
    space_id int,
    positive bigint[],
    negative bigint[],
    only_source text)
RETURNS pgvector.halfvec
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH asking AS MATERIALIZED (
        SELECT e.at, e.token_weights, s.sign / count(*) OVER (PARTITION BY s.sign) AS share
        FROM (VALUES (1.0, item_weights.positive), (-0.5, item_weights.negative)) AS s(sign, items)
        CROSS JOIN LATERAL impl.weight_rows(item_weights.space_id, s.items, item_weights.only_source) AS e
    ),
    token AS (
        SELECT w.token_id, sum(a.share * w.weight ORDER BY a.share, a.at)::float8 AS weight
        FROM asking AS a CROSS JOIN LATERAL impl.weights_of(a.token_weights) AS w GROUP BY w.token_id
    )
    SELECT impl.packed(array_agg(t.token_id), array_agg(t.weight)) FROM token AS t
    HAVING EXISTS (SELECT FROM asking AS a WHERE a.share > 0)
$$;

COMMENT ON FUNCTION impl.item_weights(int, bigint[], bigint[], text) IS
    'Token weights of liked and disliked items as a query.';
