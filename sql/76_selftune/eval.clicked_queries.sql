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
        SELECT impl.fold_query(k.query) AS folded, min(k.query) AS query, i.id, count(*) AS n,
               max(k.rank) AS rank
        FROM core.item AS i JOIN ops.query_click AS k ON k.item_id = i.id
        WHERE i.collection_id = impl.collection_id(clicked_queries.collection) AND k.query IS NOT NULL
        GROUP BY impl.fold_query(k.query), i.id
    ),
    best AS (
        SELECT DISTINCT ON (o.folded) o.* FROM opened AS o
        ORDER BY o.folded, o.n DESC, o.rank DESC NULLS LAST, o.id
    )
    SELECT i.id, i.external_id, 'clicks', 'asked', b.query, '', i.fields
    FROM best AS b JOIN core.item AS i ON i.id = b.id
    ORDER BY hashtextextended(b.folded, clicked_queries.seed)
    LIMIT impl.at_least('queries_n', clicked_queries.queries_n, 0)
$$;

COMMENT ON FUNCTION eval.clicked_queries(text, int, bigint) IS
    'Queries that people asked, each with the item they opened most for it.';
