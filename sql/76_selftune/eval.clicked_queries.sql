-- Queries that people asked, each with the item they opened most for it, in the form of eval.made_queries;
-- drawn by `seed`. Of items opened alike often, the one farther down: what is on top is opened because it is
-- on top (Joachims, Granka, Pan, Hembrooke, Gay: Accurately Interpreting Clickthrough Data as Implicit
-- Feedback, 2005).
--   SELECT query, external_id FROM eval.clicked_queries('parts', 100);
CREATE OR REPLACE FUNCTION eval.clicked_queries(
    collection text, queries_n int DEFAULT 400, seed bigint DEFAULT 1)
RETURNS TABLE (item_id bigint, external_id text, field text, form text, query text, piece text,
               fields jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH opened AS (
        SELECT impl.fold_query(k.query) AS folded, min(k.query) AS query, k.item_id AS id, count(*) AS n,
               max(k.rank) AS rank
        FROM impl.clicks_of(impl.named_collection(clicked_queries.collection)) AS k
        WHERE k.query IS NOT NULL
        GROUP BY impl.fold_query(k.query), k.item_id
    ),
    best AS (
        SELECT DISTINCT ON (o.folded) o.* FROM opened AS o
        ORDER BY o.folded, o.n DESC, o.rank DESC NULLS LAST, o.id
    ),
    drawn AS MATERIALIZED (
        SELECT b.id, b.query, hashtextextended(b.folded, clicked_queries.seed) AS place
        FROM best AS b ORDER BY place LIMIT impl.at_least('queries_n', clicked_queries.queries_n, 0)
    )
    SELECT i.id, i.external_id, 'clicks', 'asked', d.query, '', i.fields
    FROM drawn AS d
    JOIN impl.hit_rows(clicked_queries.collection, ARRAY(SELECT DISTINCT o.id FROM drawn AS o)) AS i
        ON i.id = d.id
    ORDER BY d.place
$$;

COMMENT ON FUNCTION eval.clicked_queries(text, int, bigint) IS
    'Queries that people asked, each with the item they opened most for it.';
