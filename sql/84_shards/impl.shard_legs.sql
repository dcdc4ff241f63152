-- Runs legs of a hybrid query on all shards of a collection at once, and merges each: its best items by
-- score, ties by item_id. Words and numbers are scored with the statistics of all shards, so that the answer
-- is that of one database. What legs ask with is settled here: vectors of queries, and of items to be like.
-- Live spaces are named with their generation: a shard that has switched before, or not yet, still answers by
-- the coordinator's.
--   SELECT * FROM impl.shard_legs('parts', 'pump', ARRAY[search.lexical_leg()], NULL);
CREATE OR REPLACE FUNCTION impl.shard_legs(collection text, query text, legs search.leg[], filter text)
RETURNS TABLE (name text, ids bigint[], scores float8[], detail jsonb)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    leg search.leg;
    live ops.space;
    asked jsonb := '[]';
    worded boolean := false;
    answers jsonb;
BEGIN
    FOREACH leg IN ARRAY legs LOOP
        IF leg.space IS NOT NULL THEN
            live := impl.live_space(leg.space);
            leg.vec := impl.leg_vector(leg, live, query);
            leg.space := live.name || '@' || live.generation;
        ELSE
            worded := true;
        END IF;
        asked := asked || to_jsonb(leg);
    END LOOP;
    SELECT jsonb_agg(a.answer || jsonb_build_object('shard', a.shard)) INTO answers
    FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'legs', 'collection', collection, 'query', query, 'filter', filter, 'legs', asked,
        'statistics', CASE WHEN worded THEN impl.shard_hints(cid, query, filter) END)]) AS a;
    RETURN QUERY
    WITH ran AS MATERIALIZED (
        SELECT l.name, a.answer ->> 'shard' AS shard, (r.leg ->> 'ids')::bigint[] AS ids,
               (r.leg ->> 'scores')::float8[] AS scores, r.leg -> 'detail' AS detail, r.leg -> 'ms' AS ms,
               l.pool_n, a.at
        FROM jsonb_array_elements(answers) WITH ORDINALITY AS a(answer, at)
        CROSS JOIN LATERAL jsonb_array_elements(a.answer -> 'legs') AS r(leg)
        JOIN unnest(legs) AS l ON l.name = r.leg ->> 'name'
    )
    SELECT l.name, b.ids, b.scores, d.detail
    FROM unnest(legs) AS l
    CROSS JOIN LATERAL (
        SELECT array_agg(o.id ORDER BY o.score DESC, o.id) AS ids,
               array_agg(o.score ORDER BY o.score DESC, o.id) AS scores
        FROM (SELECT h.id, h.score FROM ran CROSS JOIN LATERAL unnest(ran.ids, ran.scores) AS h(id, score)
              WHERE ran.name = l.name ORDER BY h.score DESC, h.id LIMIT l.pool_n) AS o) AS b
    CROSS JOIN LATERAL (
        SELECT jsonb_build_object('path', 'shards', 'shards', jsonb_agg(jsonb_build_object(
            'shard', ran.shard, 'ms', ran.ms, 'found', coalesce(cardinality(ran.ids), 0))
            || coalesce(ran.detail, '{}') ORDER BY ran.at)) AS detail
        FROM ran WHERE ran.name = l.name) AS d;
END $$;

COMMENT ON FUNCTION impl.shard_legs(text, text, search.leg[], text) IS
    'Legs of a hybrid query, run on all shards of a collection at once and merged.';
