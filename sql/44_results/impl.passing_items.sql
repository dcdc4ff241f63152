-- Ids of the items of a collection that pass a filter, at most limit_n of them (NULL: all), from at most
-- read_n items read; more: others may pass too. Objects, and paths in which nothing but == is compared, are
-- found by the GIN index (impl.matching_items), which reads little else; other paths are tried item by item.
--   SELECT * FROM impl.passing_items(1, NULL, '$.year >= 2019', 100, 10000);
CREATE OR REPLACE FUNCTION impl.passing_items(
    cid int,
    contains jsonb,
    path jsonpath,
    limit_n bigint,
    read_n bigint,
    OUT ids bigint[],
    OUT more boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_variable
DECLARE
    bare CONSTANT text := regexp_replace(path::text, E'"(?:\\\\.|[^"\\\\])*"', '""', 'g');
    indexed CONSTANT boolean := contains <> '{}'
        OR bare ~ ' == ' AND bare !~ E'[<>!]|like_regex|starts with|is unknown|[.](date|time)';
    seen bigint;
BEGIN
    IF indexed THEN
        ids := impl.matching_items(cid, contains, path, (limit_n + 1)::int);
        more := false;
    ELSE
        SELECT coalesce(array_agg(r.id) FILTER (WHERE r.fits), '{}'), count(*)
        INTO ids, seen
        FROM (SELECT s.id, s.fits FROM (
                  SELECT i.id, impl.fits(i.metadata, contains, path) AS fits
                  FROM core.item AS i WHERE i.collection_id = cid LIMIT read_n + 1) AS s
              ) AS r;
        more := seen > read_n;
    END IF;
    IF cardinality(ids) > limit_n THEN
        ids := ids[:limit_n];
        more := true;
    END IF;
    more := coalesce(more, false);
END $$;

COMMENT ON FUNCTION impl.passing_items(int, jsonb, jsonpath, bigint, bigint) IS
    'Items that pass a filter, from a bounded number of items read.';
