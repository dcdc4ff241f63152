-- Calibrates how near chance brings a neighbour in a space, for one collection: similarities of random pairs
-- of a probe and an item. probes are vectors of short texts as somebody might ask them, probe_ids the items
-- that they were taken from, which are not paired with them; without any, 20 or more query texts with a
-- stored vector, else items, which are more alike than a query and an item: the threshold is then high.
-- The upper half of the similarities holds pairs that belong together, so the spread is taken from the lower
-- one: median - 16th percentile, a standard deviation of a normal distribution. Of n items, the nearest by
-- chance is expected at median + spread * sqrt(2 ln n): the threshold. Items count by their first vector.
-- NULL where fewer than 20 items have vectors.
-- Maximum of n normal variables: Leadbetter, Lindgren, Rootzen: Extremes of Random Sequences, 1983.
--   SELECT ops.calibrate_space('parts', 'text');
CREATE OR REPLACE FUNCTION ops.calibrate_space(
    collection text,
    space text,
    probes pgvector.halfvec[] DEFAULT NULL,
    probe_ids bigint[] DEFAULT NULL)
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    few CONSTANT int := 20;
    sample_n CONSTANT int := 200;  -- items, and probes at most: 40,000 pairs
    live CONSTANT ops.space := impl.live_space(space);
    cid CONSTANT int := impl.collection_id(collection);
    operator CONSTANT text := (impl.distance_operator(live.distance, 'none')).operator;
    similarity CONSTANT text := (impl.distance_operator(live.distance, 'none')).similarity;
    kind text := 'texts';
    n bigint := impl.vector_items(collection, space);
    median float8;
    spread float8;
    pairs int;
    threshold float8;
BEGIN
    IF n < few THEN
        DELETE FROM ops.calibration AS a WHERE a.space_id = live.id AND a.collection_id = cid;
        RETURN NULL;
    END IF;
    IF coalesce(cardinality(probes), 0) = 0 THEN
        SELECT array_agg(q.vec), array_fill(0::bigint, ARRAY[count(*)::int]) INTO probes, probe_ids
        FROM (SELECT q.vec FROM ops.query_vector AS q WHERE q.space_id = live.id AND q.vec IS NOT NULL
              ORDER BY q.query_hash LIMIT sample_n) AS q;
        kind := CASE WHEN cardinality(probes) >= few THEN 'queries' ELSE 'items' END;
    END IF;
    EXECUTE format($sql$
        WITH item AS MATERIALIZED (
            SELECT f.item_id, f.vec FROM impl.first_vectors($1, ARRAY(
                -- An order that has nothing to do with when items came.
                SELECT i.id FROM core.item AS i WHERE i.collection_id = $2 AND EXISTS (
                    SELECT FROM core.embedding AS e WHERE e.space_id = ($1).id AND e.item_id = i.id)
                ORDER BY hashint8extended(i.id, 42) LIMIT $3)) AS f),
        probe AS MATERIALIZED (
            SELECT p.item_id, p.vec FROM unnest($4, $5) AS p(item_id, vec) WHERE $6 <> 'items'
            UNION ALL SELECT i.item_id, i.vec FROM item AS i WHERE $6 = 'items'),
        pair AS (
            SELECT %1$s AS sim
            FROM (SELECT i.vec %2$s p.vec AS dist FROM item AS i CROSS JOIN probe AS p
                  WHERE i.item_id IS DISTINCT FROM p.item_id) AS d
            WHERE d.dist <> 'NaN')
        SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY sim),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY sim)
               - percentile_cont(0.1587) WITHIN GROUP (ORDER BY sim) FROM pair$sql$, similarity, operator)
    INTO pairs, median, spread USING live, cid, sample_n, probe_ids, probes, kind;
    threshold := median + spread * sqrt(2 * ln(n));
    DELETE FROM ops.calibration AS a WHERE a.space_id = live.id AND a.collection_id = cid;
    INSERT INTO ops.calibration (space_id, collection_id, threshold, median, spread, pairs, items, probes)
    VALUES (live.id, cid, threshold, median, spread, pairs, n, kind);
    RETURN threshold;
END $$;

COMMENT ON FUNCTION ops.calibrate_space(text, text, pgvector.halfvec[], bigint[]) IS
    'Calibrates the similarity below which a neighbour in a space is as near as chance brings it.';
