-- Stores the answer of another system to a query of a run: items by external_id with their scores, in any
-- order. They are ranked by score, ties by item_id as everywhere; items unknown to the collection come after
-- the known ones, by external_id. The query's own item is left out. An item twice is an error. Returns how
-- many are stored.
--   SELECT eval.store_ranking(1, 'Q1', '{P0002,P0001}', '{0.5,1}');
CREATE OR REPLACE FUNCTION eval.store_ranking(run_id int, query text, external_ids text[], scores float8[])
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    run CONSTANT eval.run := impl.evaluation_run(run_id);
    asked eval.query;
    stored int;
BEGIN
    SELECT q.* INTO asked FROM eval.query AS q WHERE q.set_id = run.set_id AND q.external_id = query;
    IF asked.id IS NULL THEN
        RAISE EXCEPTION 'the query set has no query %', coalesce(query, '(null)') USING ERRCODE = 'SG001';
    ELSIF cardinality(external_ids) IS DISTINCT FROM cardinality(scores)
        OR array_position(scores, 'NaN') IS NOT NULL
        OR array_position(scores, NULL) IS NOT NULL
        OR cardinality(external_ids) <> (SELECT count(DISTINCT e.id) FROM unnest(external_ids) AS e(id)) THEN
        RAISE EXCEPTION 'the ranking of query % is not one: an item twice, or one without a score', query
            USING ERRCODE = 'SG004';
    END IF;
    DELETE FROM eval.run_query AS a WHERE a.run_id = run_id AND a.query_id = asked.id;
    INSERT INTO eval.run_query AS a (run_id, query_id, external_ids, scores)
    SELECT run_id, asked.id,
           coalesce(array_agg(h.id ORDER BY h.score DESC, i.id NULLS LAST, h.id COLLATE "C"), '{}'),
           coalesce(array_agg(h.score ORDER BY h.score DESC, i.id NULLS LAST, h.id COLLATE "C"), '{}')
    FROM unnest(external_ids, scores) AS h(id, score)
    LEFT JOIN impl.named_items(run.collection_id, external_ids) AS i ON i.external_id = h.id
    WHERE h.id IS DISTINCT FROM asked.item
    RETURNING cardinality(a.external_ids) INTO stored;
    RETURN stored;
END $$;

COMMENT ON FUNCTION eval.store_ranking(int, text, text[], float8[]) IS
    'Stores another system''s answer to a query of a run; returns how many items.';
