-- Items of the answers of runs: rank, fused score, and the part of each leg, as search.hybrid returns it.
-- rank > k of the run: not part of the answer, stored because a leg listed it. item_id NULL: the collection
-- does not have it, or no longer, or its items are on shards, which are not asked row by row.
--   SELECT rank, external_id,
--       legs FROM eval.run_hit WHERE run_id = 1 AND query_id = 1 AND rank <= 10 ORDER BY rank;
CREATE OR REPLACE VIEW eval.run_hit WITH (security_invoker = true) AS
SELECT a.run_id, a.query_id, h.rank::int AS rank, i.id AS item_id, h.external_id, h.score,
       (SELECT jsonb_object_agg(l.leg, CASE WHEN l.ranks[h.rank] IS NOT NULL THEN jsonb_build_object(
                   'rank', l.ranks[h.rank], 'score', l.scores[h.rank], 'contribution',
                   l.contributions[h.rank]) END)
        FROM eval.run_leg AS l WHERE l.run_id = a.run_id AND l.query_id = a.query_id) AS legs
FROM eval.run_query AS a
JOIN eval.run AS r ON r.id = a.run_id
CROSS JOIN LATERAL unnest(a.external_ids, a.scores) WITH ORDINALITY AS h(external_id, score, rank)
LEFT JOIN core.item AS i ON i.collection_id = r.collection_id AND i.external_id = h.external_id;

COMMENT ON VIEW eval.run_hit IS
    'Items of the answers of runs, with rank, score, and rank, score and contribution per leg.';
