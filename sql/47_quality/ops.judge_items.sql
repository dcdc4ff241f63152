-- Judges the next items of a collection (search.quality) and keeps what contradicts itself, where the items
-- are: what is new is open; what was accepted stays accepted; what was mended and is there again is open
-- again; what is open and not found any more is mended. Where a rule could not be applied to an item, its
-- contradictions stay as they are. Returns one row: the last item judged as `last` (NULL: none was left),
-- counts, and how many items each rule could not be applied to, by reason: {rule: {reason: n}}. SG004 on a
-- shard, which does not know the items of the others: the coordinator judges.
--   SELECT last, judged, opened, mended, unjudged FROM ops.judge_items('parts', '', 500);
CREATE OR REPLACE FUNCTION ops.judge_items(collection text, after text DEFAULT '', items_n int DEFAULT 500)
RETURNS TABLE (last text, judged int, opened int, reopened int, mended int, standing int, unjudged jsonb)
LANGUAGE plpgsql ROWS 1
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
SET seogo.without = ''
AS $$
#variable_conflict use_variable
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    ids bigint[];
    names text[];
    found jsonb;
BEGIN
    IF EXISTS (SELECT FROM core.shard_home AS h WHERE h.collection_id = cid)
       AND NOT EXISTS (SELECT FROM core.shard) THEN  -- a coordinator has one while its own items move away
        RAISE EXCEPTION 'collection % is on several databases, and this one has a part of it', collection
            USING ERRCODE = 'SG004', HINT = 'Judge it on its coordinator: `seogo quality` there.';
    END IF;
    SELECT coalesce(array_agg(n.id ORDER BY n.external_id), '{}'),
           array_agg(n.external_id ORDER BY n.external_id)
    INTO ids, names
    FROM impl.next_items(cid, after, least(impl.at_least('items_n', items_n, 0), 5000)::int) AS n;
    judged := cardinality(ids);
    last := names[judged];
    SELECT coalesce(jsonb_agg(to_jsonb(j)), '[]') INTO found FROM impl.judged_items(collection, ids) AS j;
    IF impl.is_spread(cid) THEN
        SELECT k.* INTO opened, reopened, mended, standing
        FROM ops.keep_on_shards(cid, ids, names, found) AS k;
    ELSE
        SELECT k.* INTO opened, reopened, mended, standing FROM ops.keep_judged(collection, ids, found) AS k;
    END IF;
    SELECT coalesce(jsonb_object_agg(r.rule, r.reasons), '{}') INTO unjudged
    FROM (SELECT u.rule, jsonb_object_agg(u.unjudged, u.n) AS reasons
          FROM (SELECT f.rule, f.unjudged, count(DISTINCT f.item_id) AS n
                FROM jsonb_to_recordset(found) AS f(item_id bigint, rule text, unjudged text)
                WHERE f.unjudged IS NOT NULL GROUP BY f.rule, f.unjudged) AS u
          GROUP BY u.rule) AS r;
    RETURN NEXT;
END $$;

COMMENT ON FUNCTION ops.judge_items(text, text, int) IS
    'Judges the next items of a collection and keeps their contradictions; counts, and where to go on.';
