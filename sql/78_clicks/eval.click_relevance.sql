-- Relevance of items to queries by clicks, less the advantage of their places: clicks with a stay of
-- `satisfied` (or none told), over the times that the item was looked at, which are the times shown at
-- each place weighted by the propensity of the place (eval.click_propensities); at most 1. That is the
-- ratio form of inverse propensity weighting, whose weights no single click on a low place can blow up.
-- Items looked at fewer than `least_looks` times are left out.
-- Sources: Joachims, Swaminathan, Schnabel: Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017; 30
-- seconds as satisfied: Fox, Karnawat, Mydland, Dumais, White: Evaluating Implicit Measures to Improve
-- Web Search, 2005.
--   SELECT query, external_id, relevance FROM eval.click_relevance('parts') ORDER BY relevance DESC LIMIT 20;
CREATE OR REPLACE FUNCTION eval.click_relevance(
    collection text, satisfied interval DEFAULT '30 s', least_looks float8 DEFAULT 5)
RETURNS TABLE (query text, external_id text, shown bigint, clicks bigint, stays bigint, looks float8,
               relevance float8, basis text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.query, c.external_id, sum(c.shown)::bigint, sum(c.clicks)::bigint, sum(c.stays)::bigint,
           sum(c.shown * p.propensity ORDER BY c.rank),
           least(sum(c.stays) / sum(c.shown * p.propensity ORDER BY c.rank), 1)::float8,
           min(p.basis)
    FROM impl.click_cells(click_relevance.collection, click_relevance.satisfied) AS c
    JOIN eval.click_propensities(click_relevance.collection) AS p ON p.rank = c.rank
    GROUP BY c.query, c.external_id HAVING sum(c.shown * p.propensity) >= click_relevance.least_looks
    ORDER BY c.query, 7 DESC, c.external_id
$$;

COMMENT ON FUNCTION eval.click_relevance(text, interval, float8) IS
    'Relevance of items to queries by clicks, less the advantage of places.';
