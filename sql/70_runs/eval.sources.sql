-- Query sets and their ground truths: number of queries, of judged queries, of judgments, and of relevant
-- ones among these; recipe: how a set was made from a collection; implicit:
-- the source is clicks, debiased, and no person. A set without judgments is one row without
-- a source.
--   SELECT * FROM eval.sources;
CREATE OR REPLACE VIEW eval.sources WITH (security_invoker = true) AS
SELECT s.name AS query_set, j.source,
       (SELECT count(*) FROM eval.query AS q WHERE q.set_id = s.id)::int AS queries,
       count(DISTINCT j.query_id)::int AS judged_queries, count(j.query_id)::int AS judgments,
       count(*) FILTER (WHERE j.grade > 0)::int AS relevant, max(j.grade)::int AS highest_grade, s.recipe,
       j.source IS NOT DISTINCT FROM impl.implicit_source() AS implicit
FROM eval.query_set AS s
LEFT JOIN (eval.query AS q JOIN eval.judgment AS j ON j.query_id = q.id) ON q.set_id = s.id
GROUP BY s.id, s.name, s.recipe, j.source;

COMMENT ON VIEW eval.sources IS 'Query sets and the sources of their judgments, with their numbers.';
