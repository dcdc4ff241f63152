-- Stores a sample of queries (eval.sampled_queries) as a query set, with judgments of the source `known-item`
-- and its recipe. recipe NULL: makes the set again by its own. as_before: the queries are those that the
-- set had, by a digest over texts and answers; NULL, it is new. Where they differ (the collection has changed
-- since) nothing is written, unless replace is true: old runs would lose queries that are gone. Returns also
-- the number of queries, of values of `by`, and of queries fewer than the recipe asks for (short).
--   SELECT queries, digest FROM eval.store_sample('sample', '{"collection": "parts", "n": 20}');
CREATE OR REPLACE FUNCTION eval.store_sample(
    query_set text,
    recipe jsonb DEFAULT NULL,
    replace boolean DEFAULT false,
    OUT queries int,
    OUT strata int,
    OUT short int,
    OUT digest text,
    OUT as_before boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    there CONSTANT eval.query_set := (SELECT s FROM eval.query_set AS s WHERE s.name = query_set);
    how jsonb;
    sid int := there.id;
    rows jsonb;
BEGIN
    IF recipe IS NULL AND there.recipe IS NULL THEN
        RAISE EXCEPTION 'query set % has no recipe to be made again by', coalesce(query_set, '(null)')
            USING ERRCODE = 'SG001', HINT = 'Name the collection that it is to be made from.';
    END IF;
    how := impl.sample_recipe(coalesce(recipe, there.recipe - 'digest'));
    IF sid IS NOT NULL AND (there.recipe IS NULL OR there.recipe - 'digest' <> how AND NOT replace) THEN
        RAISE EXCEPTION 'query set % is there already, and was not made so', query_set
            USING ERRCODE = 'SG004', HINT = CASE WHEN there.recipe IS NULL THEN 'Take another name.'
                ELSE 'Take another name, or replace it (--replace): what it had is lost.' END;
    END IF;
    SELECT coalesce(jsonb_agg(to_jsonb(q)), '[]'), count(*), count(DISTINCT q.stratum)
    INTO rows, queries, strata FROM eval.sampled_queries(how) AS q;
    IF queries = 0 THEN
        RAISE EXCEPTION 'no query can be made by this recipe' USING ERRCODE = 'SG004',
            HINT = CASE how ->> 'version' WHEN 'no-nameplate'
                THEN 'It takes items with pictures of which none is a nameplate.'
                ELSE 'No item passes, or none has a text of its own in these fields.' END;
    END IF;
    short := (how ->> 'n')::numeric::int - queries;
    digest := md5(rows::text);
    as_before := digest = there.recipe ->> 'digest';
    IF as_before OR as_before IS FALSE AND NOT replace THEN
        RETURN;
    END IF;
    INSERT INTO eval.query_set AS s (name, about, recipe)
    VALUES (query_set,
            format('Known-item queries made from %s, %s', how ->> 'collection', how ->> 'version'),
            how || jsonb_build_object('digest', digest))
    ON CONFLICT (name) DO UPDATE SET about = excluded.about, recipe = excluded.recipe
    RETURNING s.id INTO sid;
    DELETE FROM eval.query AS q WHERE q.set_id = sid;
    INSERT INTO eval.query (set_id, external_id, text, categories)
    SELECT sid, r.query, r.text, r.categories
    FROM jsonb_to_recordset(rows) AS r(query text, text text, categories text[]) ORDER BY r.query COLLATE "C";
    INSERT INTO eval.judgment (query_id, source, external_id, grade, judge)
    SELECT q.id, 'known-item', e.id, 1, 'the item it was made from'
    FROM jsonb_to_recordset(rows) AS r(query text, relevant text[])
    JOIN eval.query AS q ON q.set_id = sid AND q.external_id = r.query
    CROSS JOIN LATERAL unnest(r.relevant) AS e(id);
END $$;

COMMENT ON FUNCTION eval.store_sample(text, jsonb, boolean) IS
    'Makes a query set from a collection by a recipe that is kept, or makes it again by its own.';
