-- Keeps what was found in items that are here (rows of impl.judged_items), and mends what is open of them and
-- was not found any more (ops.judge_items). Items and pictures that are gone meanwhile are passed over.
-- Returns how many contradictions are new, open again, mended, and open of those found.
--   SELECT * FROM ops.keep_judged('parts', '{1}', '[]');
CREATE OR REPLACE FUNCTION ops.keep_judged(collection text, ids bigint[], rows jsonb)
RETURNS TABLE (opened int, reopened int, mended int, standing int)
LANGUAGE sql ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    WITH judged AS MATERIALIZED (
        SELECT j.* FROM jsonb_to_recordset(rows) AS j(
            item_id bigint, rule text, picture_id bigint, other_item_id bigint, score float8, evidence jsonb,
            subject uuid, unjudged text)
    ),
    put AS (
        INSERT INTO ops.contradiction AS k (collection_id, item_id, rule, subject, picture_id, other_item_id,
                                            score, evidence)
        SELECT DISTINCT ON (j.item_id, j.rule, j.subject) i.collection_id, j.item_id, j.rule, j.subject, p.id,
               j.other_item_id, j.score, j.evidence
        FROM judged AS j
        JOIN core.item AS i ON i.id = j.item_id
            AND i.collection_id = impl.collection_id(keep_judged.collection)
        LEFT JOIN core.picture AS p ON p.id = j.picture_id
        WHERE j.unjudged IS NULL
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
        WHERE k.state = 'open' AND k.item_id = ANY (ids) AND k.rule <> 'model' AND NOT EXISTS (
            SELECT FROM judged AS j WHERE j.item_id = k.item_id AND j.rule = k.rule
              AND (j.unjudged IS NOT NULL OR j.subject = k.subject))
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM put AS p WHERE p.added)::int,
           (SELECT count(*) FROM put AS p WHERE NOT p.added AND p.state = 'open' AND p.now_found)::int,
           (SELECT count(*) FROM gone)::int,
           (SELECT count(*) FROM put AS p WHERE p.state = 'open')::int
$$;

COMMENT ON FUNCTION ops.keep_judged(text, bigint[], jsonb) IS
    'Keeps contradictions that were found in items, and mends those that were not found any more.';
