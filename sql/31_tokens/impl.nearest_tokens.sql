-- The engine of legs in spaces of kind multi: candidates, scored by impl.maxsim. Candidates are the items
-- whose mean vector is nearest to the query's mean (as in a space of single vectors, filter included), and
-- `candidates`, items that other legs found with the same filter, the best first. At most twice as many as
-- are asked for, and 200 at least, are scored; detail says how many there were of each.
--   SELECT * FROM impl.nearest_tokens(impl.live_space('tokens'),
--       (SELECT vec FROM ops.query_vector LIMIT 1), 10);
CREATE OR REPLACE FUNCTION impl.nearest_tokens(
    live ops.space,
    query_vec pgvector.halfvec,
    k int,
    filter text DEFAULT NULL,
    collection text DEFAULT NULL,
    only_source text DEFAULT NULL,
    excluded bigint[] DEFAULT '{}',
    candidates bigint[] DEFAULT NULL,
    OUT ids bigint[],
    OUT scores float8[],
    OUT sources text[],
    OUT parts int[],
    OUT path text,
    OUT detail jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    least_n CONSTANT int := 100;  -- by the mean vector: so many cost little more than few
    centre CONSTANT pgvector.halfvec := (
        SELECT pgvector.l2_normalize(pgvector.avg(v))
        FROM unnest(impl.token_vectors(query_vec, live.dim)) AS v);
    wanted CONSTANT int := CASE WHEN k IS NOT NULL THEN greatest(k, least_n) END;
    others CONSTANT bigint[] := ARRAY(
        SELECT c.id FROM unnest(candidates) WITH ORDINALITY AS c(id, at)
        WHERE c.id <> ALL (excluded) ORDER BY c.at);
    near record;
    items bigint[];
    n bigint;
    cutoff CONSTANT real := live.min_similarity;
BEGIN
    live.min_similarity := NULL;  -- it is one of MaxSim, not of means
    near := impl.nearest(live, centre, wanted, filter, collection, only_source, excluded);
    items := ARRAY(
        SELECT c.id FROM (
            SELECT n.id, n.at FROM unnest(near.ids) WITH ORDINALITY AS n(id, at)
            UNION ALL
            SELECT o.id, o.at FROM unnest(others) WITH ORDINALITY AS o(id, at)) AS c
        GROUP BY c.id ORDER BY min(c.at), c.id LIMIT 2 * wanted::bigint);
    IF collection IS NOT NULL AND impl.is_spread(impl.named_collection(collection)) THEN
        SELECT m.ids, m.scores, m.sources, m.parts INTO ids, scores, sources, parts
        FROM impl.shard_nearest(live, query_vec, collection, NULL, NULL, only_source, items => items) AS m;
    ELSE
        SELECT array_agg(h.id ORDER BY h.score DESC, h.id), array_agg(h.score ORDER BY h.score DESC, h.id),
               array_agg(h.source ORDER BY h.score DESC, h.id), array_agg(h.part ORDER BY h.score DESC, h.id)
        INTO ids, scores, sources, parts
        FROM (SELECT m.* FROM impl.maxsim(live, query_vec, items, only_source) AS m
              UNION ALL
              SELECT a.* FROM impl.maxsim_away(live, query_vec, items, only_source) AS a) AS m
        CROSS JOIN LATERAL unnest(m.ids, m.scores, m.sources, m.parts) AS h(id, score, source, part);
    END IF;
    n := least(k, (SELECT count(*) FROM unnest(scores) AS s WHERE cutoff IS NULL OR s >= cutoff));
    ids := ids[:n];
    scores := scores[:n];
    sources := sources[:n];
    parts := parts[:n];
    path := 'maxsim';
    detail := jsonb_build_object('path', path, 'asked', k, 'found', coalesce(cardinality(ids), 0),
        'tokens', pgvector.vector_dims(query_vec) / live.dim, 'by_mean', coalesce(cardinality(near.ids), 0),
        'by_other_legs', cardinality(others), 'scored', cardinality(items), 'mean_path', near.path);
END $$;

COMMENT ON FUNCTION impl.nearest_tokens(ops.space, pgvector.halfvec, int, text, text, text, bigint[],
                                        bigint[]) IS
    'Items by late interaction, among those near by their mean vector and those of other legs, as arrays.';
