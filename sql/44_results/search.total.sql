-- Counts the items that a query matches: with any of its words or numbers (all items where it has none), that
-- pass the filter. Exact up to the bound, and counted no further: beyond it, or where ten times as many
-- candidates were read, exact is false and there are at least so many. What is near in meaning alone is not
-- counted, as everything is.
--   SELECT * FROM search.total('parts', '진공 펌프', '{"in_stock": true}');
CREATE OR REPLACE FUNCTION search.total(
    collection text,
    query text DEFAULT NULL,
    filter text DEFAULT NULL,
    bound int DEFAULT 10000)
RETURNS TABLE (items bigint, exact boolean)
LANGUAGE plpgsql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    counted record;
BEGIN
    PERFORM impl.at_least('bound', total.bound, 1);
    IF impl.is_spread(impl.named_collection(total.collection)) THEN
        RETURN QUERY
        SELECT least(sum((r.row ->> 'items')::bigint),
                     CASE WHEN asks.limited THEN total.bound END)::bigint,
               bool_and((r.row ->> 'exact')::boolean)
                   AND (NOT asks.limited OR sum((r.row ->> 'items')::bigint) <= total.bound)
        FROM (SELECT btrim(concat(total.query, total.filter)) <> '' AS limited) AS asks
        CROSS JOIN LATERAL impl.shard_rows('total', total.collection, total.query, total.bound,
            total.filter) AS r
        GROUP BY asks.limited;
        RETURN;
    END IF;
    IF btrim(coalesce(total.query, '')) = '' AND btrim(coalesce(
            impl.dated(impl.named_collection(total.collection), total.filter), '')) = '' THEN
        RETURN QUERY SELECT s.n, true
        FROM impl.collection_size(impl.named_collection(total.collection)) AS s(n);
        RETURN;
    END IF;
    counted := impl.matching(total.collection, total.query, total.filter, total.bound);
    RETURN QUERY SELECT cardinality(counted.ids)::bigint, NOT counted.more;
END $$;

COMMENT ON FUNCTION search.total(text, text, text, int) IS
    'Number of items that match the words and numbers of a query and a filter, exact up to a bound.';
