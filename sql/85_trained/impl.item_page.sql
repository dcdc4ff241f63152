-- Page of the items of a collection that are here, in the order of their ids behind one: the ids, and the
-- last of them, NULL where no item is behind it.
--   SELECT ids, last FROM impl.item_page(impl.named_collection('parts'), 0, 100);
CREATE OR REPLACE FUNCTION impl.item_page(
    cid int,
    after bigint,
    limit_n int,
    OUT ids bigint[],
    OUT last bigint)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(p.id ORDER BY p.id), '{}'),
           CASE WHEN count(*) = item_page.limit_n THEN max(p.id) END
    FROM (SELECT i.id FROM core.item AS i WHERE i.collection_id = cid AND i.id > item_page.after
          ORDER BY i.id LIMIT item_page.limit_n) AS p
$$;

COMMENT ON FUNCTION impl.item_page(int, bigint, int) IS
    'Page of the items of a collection that are here, in the order of their ids.';
