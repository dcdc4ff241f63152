-- Calibrates how near chance brings a neighbour in a space, for one collection, and keeps the threshold:
--   probes given   vectors of nonsense, asked as queries: the 95th percentile of the similarities of the item
--                  nearest to each. Of queries that mean nothing, one in twenty comes nearer.
--   none           for spaces of pictures: random pairs of items. The upper half of their similarities holds
--                  pairs that belong together, so the spread is taken from the lower one: median - 16th
--                  percentile, a standard deviation of a normal distribution. The nearest of n by chance is
--                  expected at median + spread * sqrt(2 ln n). Leadbetter, Lindgren, Rootzen: Extremes and
--                  Related Properties of Random Sequences and Processes, 1983.
-- Pairs of texts are no measure of queries: a text and a text are far more alike than a question and a text
-- (measured: docs/sql-api.md). NULL where fewer than 20 items have vectors; what was known is then forgotten.
--   SELECT ops.calibrate_space('parts', 'image');
CREATE OR REPLACE FUNCTION ops.calibrate_space(
    collection text,
    space text,
    probes pgvector.halfvec[] DEFAULT NULL)
RETURNS float8
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    few CONSTANT int := 20;
    sample_n CONSTANT int := 200;  -- items paired with each other: 40,000 pairs
    live ops.space := impl.live_space(space);
    cid CONSTANT int := impl.named_collection(collection);
    n CONSTANT bigint := impl.vector_items(collection, space);
    by_probe CONSTANT boolean := coalesce(cardinality(probes), 0) > 0;
    figures record;
    threshold float8;
BEGIN
    DELETE FROM ops.calibration AS a WHERE a.space_id = live.id AND a.collection_id = cid;
    IF live.kind = 'sparse' AND NOT by_probe THEN
        RAISE EXCEPTION 'space % is calibrated by probes', space USING ERRCODE = 'SG004',
            HINT = '`seogo calibrate` makes them.';
    ELSIF n < few THEN
        RETURN NULL;
    ELSIF by_probe THEN
        live.min_similarity := NULL;  -- a cutoff would hide what lies below it
        -- In a space of kind sparse nonsense may find nothing.
        SELECT count(*) AS pairs,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY coalesce(near.scores[1], 0)) AS median,
               percentile_cont(0.95) WITHIN GROUP (ORDER BY coalesce(near.scores[1], 0)) AS high
        INTO figures
        FROM unnest(probes) AS p(vec)
        CROSS JOIN LATERAL impl.nearest(live, p.vec, 1, NULL, collection) AS near;
        threshold := figures.high;
    ELSE
        EXECUTE format($sql$
            WITH item AS MATERIALIZED (
                SELECT f.at, f.vec FROM impl.first_vectors($1, 
                    (SELECT v.ids FROM impl.vectored_items($1, $2, $3) AS v)) AS f),
            pair AS (
                SELECT %1$s AS sim
                FROM (SELECT a.vec %2$s b.vec AS dist FROM item AS a JOIN item AS b ON a.at < b.at) AS d
                WHERE d.dist <> 'NaN')
            SELECT count(*) AS pairs, percentile_cont(0.5) WITHIN GROUP (ORDER BY sim) AS median,
                   percentile_cont(0.1587) WITHIN GROUP (ORDER BY sim) AS low FROM pair$sql$,
            (impl.distance_operator(live.distance, 'none')).similarity,
            (impl.distance_operator(live.distance, 'none')).operator)
        INTO figures USING live, cid, sample_n;
        threshold := figures.median + (figures.median - figures.low) * sqrt(2 * ln(n));
    END IF;
    INSERT INTO ops.calibration (space_id, collection_id, threshold, median, pairs, items, probes)
    VALUES (live.id, cid, threshold, figures.median, figures.pairs, n,
            CASE WHEN by_probe THEN 'nonsense' ELSE 'items' END);
    RETURN threshold;
END $$;

COMMENT ON FUNCTION ops.calibrate_space(text, text, pgvector.halfvec[]) IS
    'Calibrates the similarity below which a neighbour in a space is as near as chance brings it.';
