-- Judges the next items of a collection (search.quality) and keeps what contradicts itself: what is new is
-- open; what was accepted stays accepted; what was mended and is there again is open again; what is open and
-- not found any more is mended. Where a rule could not be applied to an item, its contradictions stay as
-- they are. Returns one row: the last item judged as `last` (NULL: none was left), counts, and how many
-- items each rule could not be applied to, by reason: {rule: {reason: n}}.
--   SELECT last, judged, opened, mended, unjudged FROM ops.judge_items('parts', '', 500);
CREATE OR REPLACE FUNCTION ops.judge_items(collection text, after text DEFAULT '', items_n int DEFAULT 500)
RETURNS TABLE (last text, judged int, opened int, reopened int, mended int, standing int, unjudged jsonb)
LANGUAGE sql ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT i.id, i.external_id FROM core.item AS i
        WHERE i.collection_id = impl.collection_id(judge_items.collection)
          AND i.external_id > judge_items.after
        ORDER BY i.external_id LIMIT least(impl.at_least('items_n', judge_items.items_n, 0), 5000)
    ),
    judged AS MATERIALIZED (
        SELECT q.* FROM search.quality(judge_items.collection, judge_items.after, judge_items.items_n) AS q
    ),
    put AS (
        INSERT INTO ops.contradiction AS k (collection_id, item_id, rule, subject, picture_id, other_item_id,
                                            score, evidence)
        SELECT DISTINCT ON (j.item_id, j.rule, j.subject) impl.collection_id(judge_items.collection),
               j.item_id, j.rule, j.subject, j.picture_id, j.other_item_id, j.score, j.evidence
        FROM judged AS j WHERE j.unjudged IS NULL
        ORDER BY j.item_id, j.rule, j.subject, j.score DESC, j.picture_id
        ON CONFLICT (item_id, rule, subject) DO UPDATE SET
            picture_id = excluded.picture_id, other_item_id = excluded.other_item_id, score = excluded.score,
            evidence = excluded.evidence,
            state = CASE k.state WHEN 'mended' THEN 'open' ELSE k.state END,
            found_at = CASE k.state WHEN 'mended' THEN now() ELSE k.found_at END,
            decided_at = CASE k.state WHEN 'accepted' THEN k.decided_at END,
            decided_by = CASE k.state WHEN 'accepted' THEN k.decided_by END,
            note = CASE k.state WHEN 'accepted' THEN k.note END
        RETURNING k.state, k.found_at = now() AS now_found, xmax = 0 AS added
    ),
    gone AS (
        UPDATE ops.contradiction AS k SET state = 'mended', decided_at = now(), decided_by = NULL
        WHERE k.state = 'open' AND k.item_id IN (SELECT i.id FROM item AS i) AND NOT EXISTS (
            SELECT FROM judged AS j WHERE j.item_id = k.item_id AND j.rule = k.rule
              AND (j.unjudged IS NOT NULL OR j.subject = k.subject))
          AND k.rule <> 'model'
          -- On a shard that judges by itself, what it does not know of others stays as it is.
          AND (k.other_item_id IS NULL OR impl.outside('copies') IS NOT NULL
               OR EXISTS (SELECT FROM core.item AS o WHERE o.id = k.other_item_id))
        RETURNING 1
    )
    SELECT (SELECT max(i.external_id) FROM item AS i), (SELECT count(*) FROM item)::int,
           (SELECT count(*) FROM put AS p WHERE p.added)::int,
           (SELECT count(*) FROM put AS p WHERE NOT p.added AND p.state = 'open' AND p.now_found)::int,
           (SELECT count(*) FROM gone)::int,
           (SELECT count(*) FROM put AS p WHERE p.state = 'open')::int,
           coalesce((SELECT jsonb_object_agg(r.rule, r.reasons) FROM (
               SELECT u.rule, jsonb_object_agg(u.unjudged, u.n) AS reasons
               FROM (SELECT j.rule, j.unjudged, count(DISTINCT j.item_id) AS n FROM judged AS j
                     WHERE j.unjudged IS NOT NULL GROUP BY j.rule, j.unjudged) AS u
               GROUP BY u.rule) AS r), '{}')
$$;

COMMENT ON FUNCTION ops.judge_items(text, text, int) IS
    'Judges the next items of a collection and keeps their contradictions; counts, and where to go on.';
