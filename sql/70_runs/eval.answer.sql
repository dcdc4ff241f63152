-- Runs one query of an evaluation run by search.hybrid and stores the answer: every item that any leg listed,
-- with the contribution of each leg, in order of the fused score (ties by item_id, as everywhere). The item
-- that is the query is left out of its own answer; the ranks of the legs are unchanged. A second call
-- replaces the answer. query_vecs: {space: vector as text} where they are not stored, such as those of
-- pictures; encode_ms: the time that took. Returns the number of items and the milliseconds of the search.
--   SELECT * FROM eval.answer(1, (SELECT q.id FROM eval.query AS q LIMIT 1));
CREATE OR REPLACE FUNCTION eval.answer(
    run_id int,
    query_id bigint,
    query_vecs jsonb DEFAULT NULL,
    encode_ms float8 DEFAULT NULL,
    OUT items int,
    OUT search_ms float8)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET extra_float_digits = 1
AS $$
#variable_conflict use_variable
DECLARE
    run eval.run := impl.evaluation_run(run_id);
    query CONSTANT eval.query := impl.run_query(run, query_id);
    target CONSTANT text := (SELECT c.name FROM core.collection AS c WHERE c.id = run.collection_id);
    self CONSTANT core.item := (SELECT i FROM impl.named_items(run.collection_id, ARRAY[query.item]) AS i
                                WHERE query.item IS NOT NULL);
    self_id CONSTANT bigint := self.id;
    words text := query.text;
    route jsonb;
    legs search.leg[];
    started timestamptz;
    ids text[];
    scores float8[];
    given jsonb[];
    listed jsonb[];  -- the query's own item with them, for the legs scaled their scores with it
BEGIN
    IF query.item IS NOT NULL AND self_id IS NULL THEN
        RAISE EXCEPTION 'query % is an item that collection % does not have: %',
            query.external_id, target, query.item
            USING ERRCODE = 'SG001', HINT = 'Ingest the collection that the query set was made for.';
    END IF;
    IF words IS NULL AND self_id IS NOT NULL THEN
        words := impl.query_text_of(self, run.settings -> 'item_fields',
                               run.settings #> '{lexical,field_weights}');
    END IF;
    route := coalesce(
        (SELECT a.one -> 'route'
         FROM jsonb_array_elements(run.settings -> 'askers') WITH ORDINALITY AS a(one, at)
         WHERE self.metadata @> (a.one -> 'asker')
           AND (a.one ->> 'kind' IS NULL OR a.one ->> 'kind' = search.query_kind(words))
         ORDER BY a.at LIMIT 1),
        run.settings -> 'routes' -> search.query_kind(words));
    IF route IS NOT NULL THEN
        run.legs := route -> 'legs';
        run.profile := route ->> 'profile';
        run.settings := run.settings || route;
    END IF;
    legs := impl.query_legs(run, query, words, self_id, query_vecs);
    started := clock_timestamp();
    WITH hit AS MATERIALIZED (
        SELECT * FROM search.hybrid(
            target, words, legs, NULL, run.settings ->> 'filter',
            CASE WHEN run.settings ->> 'method' = 'lambdamart' THEN run.profile END, 0,
            run.settings ->> 'method', run.settings ->> 'normalization', (run.settings ->> 'k_rrf')::int,
            '{"defaults": false, "pins": false}')  -- the ranking itself is judged
    )
    SELECT array_agg(i.external_id ORDER BY h.rank) FILTER (WHERE other),
           array_agg(h.score ORDER BY h.rank) FILTER (WHERE other),
           array_agg(h.legs ORDER BY h.rank) FILTER (WHERE other), array_agg(h.legs)
    INTO ids, scores, given, listed
    FROM hit AS h
    JOIN impl.hit_rows(target, ARRAY(SELECT o.item_id FROM hit AS o)) AS i ON i.id = h.item_id
    CROSS JOIN LATERAL (SELECT h.item_id IS DISTINCT FROM self_id) AS o(other);
    search_ms := 1000 * extract(epoch FROM clock_timestamp() - started);
    items := coalesce(cardinality(ids), 0);
    DELETE FROM eval.run_query AS a WHERE a.run_id = run_id AND a.query_id = query_id;
    INSERT INTO eval.run_query
    VALUES (run_id, query_id, coalesce(ids, '{}'), coalesce(scores, '{}'), search_ms, encode_ms);
    INSERT INTO eval.run_leg
    SELECT run_id, query_id, l.name, g.ranks, g.scores, g.contributions, s.low, s.high, s.deviation
    FROM unnest(legs) AS l
    CROSS JOIN LATERAL (
        SELECT array_agg((o.legs #>> ARRAY[l.name, 'rank'])::int ORDER BY o.at) AS ranks,
               array_agg((o.legs #>> ARRAY[l.name, 'score'])::float8 ORDER BY o.at) AS scores,
               array_agg((o.legs #>> ARRAY[l.name, 'contribution'])::float8 ORDER BY o.at) AS contributions
        FROM unnest(given) WITH ORDINALITY AS o(legs, at)
    ) AS g
    CROSS JOIN LATERAL (
        SELECT min(o.score) AS low, max(o.score) AS high, stddev_pop(o.score ORDER BY o.rank) AS deviation
        FROM (SELECT (e #>> ARRAY[l.name, 'score'])::float8 AS score,
                     (e #>> ARRAY[l.name, 'rank'])::int AS rank FROM unnest(listed) AS e) AS o
    ) AS s
    WHERE g.ranks IS NOT NULL;
END $$;

COMMENT ON FUNCTION eval.answer(int, bigint, jsonb, float8) IS
    'Runs a query of an evaluation run and stores the answer with each leg''s part; the query''s own item is '
    'left out.';
