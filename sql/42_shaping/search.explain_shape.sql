-- Explains the shaping of a hybrid query step by step: how many items each step acted on, and details. The
-- ranking is computed twice, without and with the shape in force (the query's over the collection's).
--   candidates  items that the legs found; all later steps act on these alone
--   boosts      items whose score a boost changed; smallest and largest factor
--   min_score   items that were dropped
--   collapse    groups; items folded away behind the first of their group
--   diversity   items that moved; n, the items at the beginning that may move
--   pins        pinned items that are shown; how many no leg found, and how many are buried
--   weak        items that are as near as chance; thresholds of the spaces, NULL where not calibrated
-- Arguments are those of search.hybrid.
--   SELECT * FROM search.explain_shape('parts', '진공 펌프', shape => '{"collapse": {"field": "maker"}}');
CREATE OR REPLACE FUNCTION search.explain_shape(
    collection text,
    query text DEFAULT NULL,
    legs search.leg[] DEFAULT NULL,
    filter text DEFAULT NULL,
    profile text DEFAULT NULL,
    shape jsonb DEFAULT NULL)
RETURNS TABLE (step text, items int, detail jsonb)
LANGUAGE sql STABLE ROWS 7
SET search_path = pg_catalog, pg_temp
AS $$
    WITH how AS MATERIALIZED (
        SELECT impl.effective_shape(
            (SELECT c.shape FROM core.collection AS c
             WHERE c.id = impl.named_collection(explain_shape.collection)), explain_shape.shape) AS shape
    ),
    plain AS MATERIALIZED (
        SELECT count(*) AS n FROM search.hybrid(explain_shape.collection, explain_shape.query,
            explain_shape.legs, NULL, explain_shape.filter, explain_shape.profile,
            shape => '{"defaults": false, "pins": false}')
    ),
    folded AS MATERIALIZED (
        SELECT h.adjustments AS a, h.adjustments #>> '{pinned,found}' = 'false' AS brought
        FROM search.hybrid(explain_shape.collection, explain_shape.query, explain_shape.legs, NULL,
            explain_shape.filter, explain_shape.profile, shape => explain_shape.shape) AS h
    ),
    -- Without collapse: each item that is dropped then was dropped for its score.
    spread AS MATERIALIZED (
        SELECT count(*) FILTER (WHERE h.adjustments #>> '{pinned,found}' IS DISTINCT FROM 'false') AS n
        FROM search.hybrid(explain_shape.collection, explain_shape.query, explain_shape.legs, NULL,
            explain_shape.filter, explain_shape.profile,
            shape => coalesce(explain_shape.shape, '{}') || '{"collapse": null, "diversity": null}') AS h
    )
    SELECT s.step, s.items::int, jsonb_strip_nulls(s.detail)
    FROM how CROSS JOIN LATERAL (
        SELECT 1 AS at, 'candidates' AS step, (SELECT p.n FROM plain AS p) AS items, '{}'::jsonb AS detail
        UNION ALL
        SELECT 2, 'boosts', count(f.a -> 'factor'), jsonb_build_object(
            'lowest', min((f.a ->> 'factor')::float8), 'highest', max((f.a ->> 'factor')::float8))
        FROM folded AS f HAVING how.shape ? 'boosts'
        UNION ALL
        SELECT 3, 'min_score', p.n - w.n, jsonb_build_object('min_score', how.shape -> 'min_score')
        FROM plain AS p CROSS JOIN spread AS w WHERE how.shape ? 'min_score'
        UNION ALL
        SELECT 4, 'collapse', count(DISTINCT f.a #>> '{group,value}'), jsonb_build_object(
            'field', how.shape #>> '{collapse,field}',
            'folded', (SELECT w.n FROM spread AS w) - count(*) FILTER (WHERE f.brought IS NOT TRUE))
        FROM folded AS f HAVING how.shape ? 'collapse'
        UNION ALL
        SELECT 5, 'diversity', count(*) FILTER (WHERE f.a #> '{diversity,from}' <> f.a #> '{diversity,to}'),
               jsonb_build_object('n', coalesce((how.shape #>> '{diversity,n}')::int, 50))
        FROM folded AS f HAVING how.shape ? 'diversity'
        UNION ALL
        SELECT 6, 'pins', count(f.a -> 'pinned'), jsonb_build_object(
            'not_found', count(*) FILTER (WHERE f.brought), 'buried', count(f.a -> 'buried'))
        FROM folded AS f HAVING count(f.a -> 'pinned') + count(f.a -> 'buried') > 0
        UNION ALL
        SELECT 7, 'weak', count(f.a -> 'weak'), jsonb_build_object(
            'uncalibrated', count(f.a -> 'uncalibrated'), 'thresholds',
            (SELECT jsonb_object_agg(c.space, c.threshold) FROM search.calibrations AS c
             WHERE c.collection = explain_shape.collection))
        FROM folded AS f
    ) AS s
    ORDER BY s.at
$$;

COMMENT ON FUNCTION search.explain_shape(text, text, search.leg[], text, text, jsonb) IS
    'Per step of shaping a hybrid query: items it acted on, and details.';
