-- Grades of each query that has a judgment from the source: grades, those of the items in order of the
-- answer, all stored ones (NULL: not judged); judged, those of all judged items, the best first. An
-- unanswered query has no grades. A query without any judgment from the source is left out, as in
-- ir_measures; one whose judgments are all 0 is not. The query's own item is no answer and no judgment.
--   SELECT * FROM impl.graded(impl.evaluation_run(1), 'qrels');
CREATE OR REPLACE FUNCTION impl.graded(run eval.run, source text)
RETURNS TABLE (query_id bigint, grades int[], judged int[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
SET search_path = pg_catalog, pg_temp
AS $$
    WITH truth AS MATERIALIZED (
        SELECT q.id AS query_id, array_agg(j.external_id) AS ids, array_agg(j.grade::int) AS grades,
               array_agg(j.grade::int ORDER BY j.grade DESC) AS judged
        FROM eval.query AS q JOIN eval.judgment AS j ON j.query_id = q.id
        WHERE q.set_id = run.set_id AND j.source = graded.source AND j.external_id IS DISTINCT FROM q.item
        GROUP BY q.id
    )
    SELECT t.query_id, coalesce(found.grades, '{}'), t.judged
    FROM truth AS t
    LEFT JOIN eval.run_query AS r ON r.run_id = run.id AND r.query_id = t.query_id
    CROSS JOIN LATERAL (
        SELECT array_agg(j.grade ORDER BY h.at) AS grades
        FROM unnest(r.external_ids) WITH ORDINALITY AS h(id, at)
        LEFT JOIN unnest(t.ids, t.grades) AS j(id, grade) ON j.id = h.id
    ) AS found
$$;

COMMENT ON FUNCTION impl.graded(eval.run, text) IS
    'Grades of each judged query''s answer in rank order, and of all its judged items.';
