-- Items of a collection that are here and cite an item, which may be elsewhere: `law` is the one that it is
-- of, whose decree and rule are told apart; of both kinds the first most_n, the latest decisions first.
--   SELECT c.external_id FROM impl.citing_items(impl.named_collection('laws'), 1, '상법', 50) AS c;
CREATE OR REPLACE FUNCTION impl.citing_items(cid int, cited_id bigint, law text, most_n int)
RETURNS TABLE (way text, item_id bigint, external_id text, title text, cited text, decided text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.way, c.id, c.external_id, impl.item_title(c.fields), c.cited, c.decided
    FROM (SELECT w.way, i.id, i.external_id, i.fields, g.cited, i.metadata ->> 'decided' AS decided,
                 row_number() OVER (PARTITION BY w.way
                                    ORDER BY i.metadata ->> 'decided' DESC NULLS LAST, i.id) AS at
          FROM core.citation AS g
          JOIN core.item AS i ON i.id = g.item_id
              AND (i.collection_id = citing_items.cid) IS TRUE  -- no index begins with this
          CROSS JOIN LATERAL (SELECT CASE WHEN impl.is_decree(i.fields ->> 'law', citing_items.law)
              THEN 'decree' ELSE 'cited' END AS way) AS w
          WHERE g.cited_id = citing_items.cited_id) AS c
    WHERE c.at <= citing_items.most_n
$$;

COMMENT ON FUNCTION impl.citing_items(int, bigint, text, int) IS
    'Items of a collection that are here and cite an item.';
