-- Completions of one reading of what was typed that shards have (impl.answer_suggest), as one database has
-- them: the counts are added up, phrases that one item has are left out, and what completes several words
-- counts only from shards where no other word is unknown than on all. lower_bound: a shard that does not name
-- one may have it all the same, behind the last that it names, or it names it in another spelling.
--   parts   the reading's part of each shard's answer
--   k       the most numbers
--   SELECT impl.merged_pool('[{"most": 10, "unknown": [], "filtered": false, "rows": []}]', 10);
CREATE OR REPLACE FUNCTION impl.merged_pool(parts jsonb, k int)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        WITH part AS MATERIALIZED (
            SELECT a.at, p.* FROM jsonb_array_elements(parts) WITH ORDINALITY AS a(part, at)
            CROSS JOIN LATERAL jsonb_to_record(a.part) AS p(
                most int, unknown jsonb, filtered boolean, rows jsonb)
        ),
        unknown AS MATERIALIZED (
            SELECT coalesce(jsonb_agg(w.word ORDER BY w.at), '[]') AS words
            FROM part AS p
            CROSS JOIN LATERAL jsonb_array_elements_text(p.unknown) WITH ORDINALITY AS w(word, at)
            WHERE p.at = 1 AND (SELECT bool_and(o.unknown ? w.word) FROM part AS o)
        ),
        named AS MATERIALIZED (
            SELECT p.at, r.*, k.key,
                   bool_or(r.lower_bound) OVER g
                       OR count(*) OVER g >= p.most AND (r.source <> 'i' OR r.context) AS more,
                   -- Those that one item has are named in the order of their keys, behind all others.
                   CASE WHEN NOT (p.filtered OR r.initials OR r.context)
                        THEN max(k.key COLLATE "C") FILTER (WHERE r.n = 1) OVER g END AS last_key
            FROM part AS p CROSS JOIN LATERAL jsonb_to_recordset(p.rows) AS r(
                source text, text text, n bigint, initials boolean, lower_bound boolean, context boolean)
            CROSS JOIN LATERAL (SELECT left(impl.completion_key(r.text), 60)) AS k(key)  -- as in tables
            WHERE NOT r.context OR p.unknown = (SELECT u.words FROM unknown AS u)
            WINDOW g AS (PARTITION BY p.at, r.initials, r.context,
                         CASE WHEN p.filtered AND r.source <> 'i' THEN 'all' ELSE r.source END)
        ),
        summed AS (
            SELECT n.source, n.text, n.initials, n.context, min(n.key) AS key, sum(n.n)::bigint AS n,
                   bool_or(n.lower_bound) AS lower_bound, array_agg(n.at) AS at,
                   row_number() OVER (PARTITION BY n.source, n.context
                                      ORDER BY length(n.text), n.text COLLATE "C") AS no
            FROM named AS n GROUP BY n.source, n.text, n.initials, n.context
            HAVING n.source <> 'p' OR sum(n.n) > 1 OR (SELECT bool_or(p.filtered) FROM part AS p)
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'source', s.source, 'text', s.text, 'n', s.n, 'initials', s.initials, 'context', s.context,
            'ignored', CASE WHEN s.context THEN (SELECT u.words FROM unknown AS u) ELSE '[]' END,
            'lower_bound', s.lower_bound OR EXISTS (
                SELECT FROM named AS o
                WHERE o.source = s.source AND o.initials = s.initials AND o.context = s.context
                  AND o.at <> ALL (s.at)
                  AND (o.more AND coalesce(s.key > o.last_key COLLATE "C", true)
                       OR o.key = s.key AND s.source IN ('t', 'p'))))), '[]')
        FROM summed AS s WHERE s.source <> 'i' OR s.context OR s.no <= k);
END $$;

COMMENT ON FUNCTION impl.merged_pool(jsonb, int) IS
    'Completions of one reading of what was typed that shards have, as one database would have them.';
