-- Confusion matrix of search.classify on items whose value of a metadata key is known: each is classified by
-- the others, as if it had none. Items are those with a value that pass the filter; of more than most_n, a
-- sample by the seed. An item with several values is right where the first answer is one of them, and counts
-- under it, else under its first. predicted NULL: state says why (no vector, or no neighbour with a value).
--   SELECT truth, predicted, items FROM eval.confusion('bank', 'unit_large');
CREATE OR REPLACE FUNCTION eval.confusion(
    collection text,
    path text,
    k int DEFAULT 10,
    space text DEFAULT 'text',
    only_source text DEFAULT NULL,
    filter text DEFAULT NULL,
    most_n int DEFAULT 1000,
    seed bigint DEFAULT 0)
RETURNS TABLE (truth text, predicted text, items int, share float8, state text)
LANGUAGE sql STABLE ROWS 50
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    WITH asked AS (
        SELECT impl.named_collection(confusion.collection) AS cid, impl.live_space(confusion.space) AS live,
               impl.metadata_path(confusion.path) AS nested, impl.whole_key(confusion.path) AS whole,
               f.contains, f.path
        FROM impl.parse_filter(confusion.filter) AS f
    ),
    item AS MATERIALIZED (
        SELECT i.id, v.labels, impl.item_vector(a.live, i.id, confusion.only_source) IS NOT NULL AS encoded
        FROM asked AS a
        JOIN impl.items_of((SELECT o.cid FROM asked AS o)) AS i ON impl.fits(i.metadata, a.contains, a.path)
        CROSS JOIN LATERAL (
            SELECT array_agg(x.value #>> '{}' ORDER BY x.at) AS labels
            FROM impl.values_at(i.metadata, confusion.path, a.nested, a.whole)
                WITH ORDINALITY AS x(value, at)
            WHERE jsonb_typeof(x.value) IN ('string', 'number', 'boolean')) AS v
        WHERE v.labels IS NOT NULL
        ORDER BY hashint8extended(i.id, confusion.seed), i.id
        LIMIT impl.at_least('most_n', confusion.most_n, 1)
    ),
    answer AS MATERIALIZED (
        SELECT i.id, s.value #>> '{}' AS label, s.share
        FROM (SELECT e.id FROM item AS e WHERE e.encoded OFFSET 0) AS i
        CROSS JOIN LATERAL search.classify(
            confusion.collection, confusion.path, item => i.id, k => confusion.k, space => confusion.space,
            only_source => confusion.only_source, filter => confusion.filter) AS s
        WHERE s.rank = 1
    )
    SELECT CASE WHEN a.label = ANY (i.labels) THEN a.label ELSE i.labels[1] END, a.label,
           count(*)::int, avg(a.share),
           CASE WHEN a.label IS NOT NULL THEN 'classified' WHEN i.encoded THEN 'no neighbour'
                ELSE 'no vector' END
    FROM item AS i LEFT JOIN answer AS a USING (id)
    GROUP BY 1, 2, 5
    ORDER BY 1, 2, 5
$$;

COMMENT ON FUNCTION eval.confusion(text, text, int, text, text, text, int, bigint) IS
    'Confusion matrix of search.classify: each item with a known value, classified by the others.';
