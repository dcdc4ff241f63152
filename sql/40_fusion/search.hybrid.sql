-- Hybrid search: every leg ranks on its own, to its own depth; the lists are fused. Higher is better; ties by
-- item_id; skip and k page through one stable order. Late legs (impl.is_late) score what others found.
--   rrf         score = sum of weight / (k_rrf + rank).
--               Cormack, Clarke, Buettcher: Reciprocal Rank Fusion, 2009.
--   weighted    score = sum of weight * normalised score, where the score of a leg becomes
--               minmax: (s - min) / (max - min) within the leg's list, 1 if all are equal;
--               zscore: (s - min) / standard deviation: z-scores, moved so that the leg's last item has 0;
--               none:   s itself.
--   lambdamart  score = sum over the trees of the profile, which split by rank, score, minmax and zscore of
--               each leg; contributions of legs are then null.
--               Burges: From RankNet to LambdaRank to LambdaMART, 2010.
-- Where the query is a part number, the best items of an identifier leg come first, whatever the legs, the
-- weights and the profile (impl.number_leads), unless the leg has weight 0: their contribution is raised by
-- the best contributions of all legs together; under trees, their score by more than the trees' range. In an
-- identifier leg without a weight, ranks are weighted by scores (weight = score); in any, an item with a
-- score below 0.1, such as a year in a sentence, is weighted by that score.
-- A leg without the item adds 0 and is null. legs: {name: {"rank", "score", "contribution"} or null}; the
-- contributions add up to the score, or to adjustments ->> 'fused' where boosts changed it.
-- shape: boosts, pins, diversity, collapse, min_score (impl.check_shape); keys that are missing are the
-- collection's. adjustments say per row what shaping did; "weak": no leg of words or numbers has the item,
-- and its similarities are below what chance brings; "uncalibrated": the same, where a space has not been
-- calibrated (ops.calibrate_space). Shaping acts on the candidates of the legs, pool_n of each.
--   SELECT h.rank, h.score, i.external_id, h.legs
--   FROM search.hybrid('parts', '진공 펌프 소음') AS h JOIN search.items AS i USING (item_id);
CREATE OR REPLACE FUNCTION search.hybrid(
    collection text,
    query text DEFAULT NULL,
    legs search.leg[] DEFAULT NULL,
    k int DEFAULT 10,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL,
    skip int DEFAULT 0,
    method text DEFAULT NULL,
    normalization text DEFAULT NULL,
    k_rrf int DEFAULT NULL,
    shape jsonb DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8, legs jsonb, adjustments jsonb)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
    WITH how AS MATERIALIZED (
        SELECT k.kind, f.* FROM (SELECT search.query_kind(hybrid.query) AS kind OFFSET 0) AS k
        CROSS JOIN LATERAL impl.fusion(hybrid.collection, k.kind, hybrid.profile,
                                       hybrid.method, hybrid.normalization, hybrid.k_rrf) AS f
    ),
    leg AS MATERIALIZED (
        SELECT l.name, l.kind, l.weight, ROW(l.*)::search.leg AS leg,
               impl.is_late(ROW(l.*)::search.leg) AS late,
               CASE WHEN l.space IS NOT NULL
                    THEN impl.near_threshold(hybrid.collection, ROW(l.*)::search.leg) END AS near,
               CASE WHEN l.kind = 'identifier' AND l.weight IS DISTINCT FROM 0 AND how.kind = 'identifier'
                    THEN impl.number_leads(hybrid.collection, hybrid.query, hybrid.filter)
                    ELSE false END AS leads
        FROM how CROSS JOIN LATERAL unnest(impl.checked_legs(
            coalesce(hybrid.legs, impl.default_legs(hybrid.collection, hybrid.query)), how.weights)) AS l
    ),
    early AS MATERIALIZED (
        SELECT leg.*, r.ids, r.scores
        FROM leg JOIN impl.run_legs(hybrid.collection, hybrid.query, ARRAY(
            SELECT leg.leg FROM leg WHERE NOT leg.late), hybrid.filter) AS r ON r.name = leg.name
    ),
    ran AS MATERIALIZED (
        SELECT early.* FROM early UNION ALL
        SELECT leg.*, r.ids, r.scores FROM leg CROSS JOIN LATERAL impl.run_leg(
            hybrid.collection, hybrid.query, leg.leg, hybrid.filter,
            ARRAY(SELECT e.id FROM early CROSS JOIN unnest(early.ids) WITH ORDINALITY AS e(id, at)
                  GROUP BY e.id ORDER BY min(e.at), e.id)) AS r
        WHERE leg.late
    ),
    hit AS MATERIALIZED (
        SELECT ran.name, h.item_id, h.rank, h.score, ran.leads AND h.score = spread.high AS leads,
               coalesce(ran.weight, 1) * CASE WHEN ran.kind = 'identifier' AND h.score < 0.1
                                              OR ran.weight IS NULL AND how.use_method = 'rrf'
                                              THEN h.score ELSE 1 END AS weight,
               CASE ran.kind WHEN 'lexical' THEN true WHEN 'identifier' THEN h.score >= 0.1
                             ELSE h.score >= ran.near END AS strong,
               coalesce((h.score - spread.low) / nullif(spread.high - spread.low, 0), 1) AS minmax,
               coalesce((h.score - spread.low) / nullif(spread.deviation, 0), 0) AS zscore
        FROM how CROSS JOIN ran
        CROSS JOIN LATERAL (SELECT min(s) AS low, max(s) AS high, stddev_pop(s) AS deviation
                            FROM unnest(ran.scores) AS s) AS spread
        CROSS JOIN LATERAL unnest(ran.ids, ran.scores) WITH ORDINALITY AS h(item_id, score, rank)
    ),
    told AS MATERIALIZED (
        SELECT hit.*, CASE
            WHEN how.use_method = 'rrf' THEN hit.weight / (how.use_k_rrf + hit.rank)
            WHEN how.use_method = 'lambdamart' THEN NULL
            ELSE hit.weight * CASE how.use_normalization WHEN 'none' THEN hit.score
                                   WHEN 'zscore' THEN hit.zscore ELSE hit.minmax END
            END AS contribution
        FROM how CROSS JOIN hit
    ),
    given AS MATERIALIZED (
        SELECT t.name, t.item_id, t.rank, t.score, t.strong,
               t.contribution + CASE WHEN t.leads THEN first.places ELSE 0 END AS contribution
        FROM told AS t CROSS JOIN (
            SELECT sum(l.best - least(l.least, 0)) AS places
            FROM (SELECT max(t.contribution) AS best, min(t.contribution) AS least
                  FROM told AS t GROUP BY t.name) AS l) AS first
    ),
    fused AS (
        SELECT g.item_id, sum(g.contribution ORDER BY g.name) AS score FROM how CROSS JOIN given AS g
        WHERE how.model IS NULL GROUP BY g.item_id
        UNION ALL
        SELECT t.item_id, t.score + CASE WHEN t.item_id = ANY (l.leaders)
                                         THEN max(t.score) OVER () - min(t.score) OVER () + 1 ELSE 0 END
        FROM how CROSS JOIN (
            SELECT array_agg(h.item_id) FILTER (WHERE h.leads) AS leaders,
                   array_agg(h.item_id) AS ids, array_agg(h.name) AS names,
                   array_agg(h.rank::float8) AS ranks, array_agg(h.score) AS scores,
                   array_agg(h.minmax) AS minmaxes, array_agg(h.zscore) AS zscores
            FROM hit AS h) AS l
        CROSS JOIN LATERAL impl.tree_ranking(how.model, l.ids, l.names, l.ranks, l.scores, l.minmaxes,
                                             l.zscores) AS t
        WHERE how.model IS NOT NULL
    )
    SELECT p.item_id, p.rank::int, p.score, l.legs,
           CASE WHEN l.strong OR l.unknown IS NULL THEN p.adjustments
                ELSE coalesce(p.adjustments, '{}')
                    || CASE WHEN l.unknown THEN '{"uncalibrated": true}' ELSE '{"weak": true}'::jsonb END END
    FROM (SELECT array_agg(f.item_id ORDER BY f.score DESC, f.item_id) AS ids,
                 array_agg(f.score ORDER BY f.score DESC, f.item_id) AS scores FROM fused AS f) AS f
    CROSS JOIN LATERAL impl.shaped(
        hybrid.collection, hybrid.query, hybrid.filter, hybrid.shape, f.ids, f.scores,
        (SELECT array_agg(t.item_id) FROM told AS t WHERE t.leads),
        hybrid.k, hybrid.skip) AS p
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(leg.name, CASE WHEN hit.item_id IS NOT NULL THEN jsonb_build_object(
                   'rank', hit.rank, 'score', hit.score, 'contribution', hit.contribution) END) AS legs,
               bool_or(hit.strong) AS strong,
               bool_or(hit.strong IS NULL) FILTER (WHERE hit.item_id IS NOT NULL) AS unknown
        FROM leg LEFT JOIN given AS hit ON hit.name = leg.name AND hit.item_id = p.item_id) AS l
    ORDER BY p.rank
$$;

COMMENT ON FUNCTION search.hybrid(text, text, search.leg[], int, text, text, int, text, text, int, jsonb) IS
    'Fused ranking of any number of legs (reciprocal ranks, weighted scores or learned trees), with the '
    'contribution of every leg per row. Default legs: words, part numbers, and spaces with a known query '
    'vector. shape: boosts, pins, diversity, collapse, min_score.';
