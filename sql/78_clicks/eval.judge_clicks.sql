-- Makes judgments of the clicks of a collection (eval.click_relevance) in a query set, of a source of their
-- own, `clicks` (impl.implicit_source), so that they are never taken for a person's. Grade 2: opened by at
-- least half of those who looked at it; 1: by a tenth; 0: by fewer. Queries without an item of grade 1 or
-- more are left out. Earlier judgments of clicks in the set are replaced, and nobody else's. Returns how
-- many queries, judgments and relevant ones it has now, how many queries were left out, and on what the
-- propensities rest.
-- Errors: SG001 no such collection; SG004 no such name of a set, as in eval.add_query.
--   SELECT * FROM eval.judge_clicks('clicked', 'parts');
CREATE OR REPLACE FUNCTION eval.judge_clicks(
    query_set text,
    collection text,
    satisfied interval DEFAULT '30 s',
    least_looks float8 DEFAULT 5,
    OUT queries int,
    OUT judgments int,
    OUT relevant int,
    OUT left_out int,
    OUT basis text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    origin CONSTANT text := impl.implicit_source();
    made jsonb;
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_object('words', t.words, 'grades', w.grades) ORDER BY w.query)
                    FILTER (WHERE w.most > 0), '[]'),
           count(*) FILTER (WHERE w.most = 0), coalesce(min(w.basis), 'assumed')
    INTO made, left_out, basis
    FROM (
        SELECT g.query, max(g.grade) AS most, jsonb_object_agg(g.external_id, g.grade) AS grades,
               min(g.basis) AS basis
        FROM (SELECT r.query, r.external_id, r.basis,
                     CASE WHEN r.relevance >= 0.5 THEN 2 WHEN r.relevance >= 0.1 THEN 1 ELSE 0 END AS grade
              FROM eval.click_relevance(collection, satisfied, least_looks) AS r) AS g
        GROUP BY g.query) AS w
    CROSS JOIN LATERAL (
        SELECT btrim(q.query) AS words FROM ops.query_log AS q
        WHERE q.collection_id = cid AND impl.fold_query(q.query) = w.query
        ORDER BY q.asked_at DESC, q.id DESC LIMIT 1) AS t;
    DELETE FROM eval.judgment AS j USING eval.query AS q JOIN eval.query_set AS s ON s.id = q.set_id
    WHERE q.id = j.query_id AND s.name = judge_clicks.query_set AND j.source = origin;
    -- A statement of its own: the next one sees the queries that it adds.
    SELECT coalesce(jsonb_agg(m.value || jsonb_build_object(
        'id', eval.add_query(judge_clicks.query_set, m.value ->> 'words'))), '[]')
    INTO made FROM jsonb_array_elements(made) AS m;
    WITH written AS (
        INSERT INTO eval.judgment (query_id, source, external_id, grade, judge, pool)
        SELECT q.id, origin, g.key, g.value::int, 'clicks, debiased', 'query log of ' || collection
        FROM jsonb_array_elements(made) AS m CROSS JOIN jsonb_each_text(m.value -> 'grades') AS g
        JOIN eval.query AS q ON q.external_id = m.value ->> 'id'
        JOIN eval.query_set AS s ON s.id = q.set_id AND s.name = judge_clicks.query_set
        RETURNING query_id, grade
    )
    SELECT count(DISTINCT w.query_id), count(*), count(*) FILTER (WHERE w.grade > 0)
    INTO queries, judgments, relevant FROM written AS w;
END $$;

COMMENT ON FUNCTION eval.judge_clicks(text, text, interval, float8) IS
    'Makes judgments of clicks, debiased by place, of a source of their own.';
