-- Counts of items that rules of search.quality could not be applied to, of several shards (rows of
-- ops.judge_items, as JSON), summed: {rule: {reason: n}}. judged: items of which near-duplicates and
-- categories were compared within their shards alone, as far as they could be judged at all; 0: there are no
-- others.
--   SELECT impl.sum_unjudged('[{"unjudged": {"maker": {"no maker": 2}}}]', 0);
CREATE OR REPLACE FUNCTION impl.sum_unjudged(rows jsonb, judged bigint)
RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH told AS MATERIALIZED (
        SELECT u.key AS rule, w.key AS reason, sum(w.value::bigint) AS n
        FROM jsonb_array_elements(sum_unjudged.rows) AS r
        CROSS JOIN LATERAL jsonb_each(r.value -> 'unjudged') AS u
        CROSS JOIN LATERAL jsonb_each_text(u.value) AS w
        GROUP BY u.key, w.key
    )
    SELECT coalesce(jsonb_object_agg(s.rule, s.reasons), '{}')
    FROM (SELECT e.rule, jsonb_object_agg(e.reason, e.n) AS reasons
          FROM (SELECT t.rule, t.reason, t.n FROM told AS t
                UNION ALL
                SELECT v.rule, 'not compared with other shards',
                       judged - coalesce((SELECT sum(t.n) FROM told AS t WHERE t.rule = v.rule), 0)
                FROM (VALUES ('near_duplicate'), ('category')) AS v(rule)) AS e
          WHERE e.n > 0 GROUP BY e.rule) AS s
$$;

COMMENT ON FUNCTION impl.sum_unjudged(jsonb, bigint) IS
    'Counts of items that rules could not be applied to, of several shards, summed.';
