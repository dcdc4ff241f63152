-- Citations of an item, both ways, as ops.read_citations last read them. `way`:
--   cites     what its text (of a decision, its 참조조문) cites, in the order of the text
--   decree    articles of the decree or rule of its law (시행령, 시행규칙) that cite it
--   cited     other items that cite it, the latest decisions first
-- of each way at most most_n.
--   SELECT c.way, c.external_id, c.cited FROM search.citing(1) AS c;
CREATE OR REPLACE FUNCTION search.citing(item_id bigint, most_n int DEFAULT 50)
RETURNS TABLE (way text, place int, item_id bigint, external_id text, title text, cited text)
LANGUAGE sql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.way, e.place, e.item_id, e.external_id, e.title, e.cited
    FROM (
        SELECT l.way, l.item_id, l.external_id, l.title, l.cited,
               row_number() OVER (PARTITION BY l.way
                                  ORDER BY l.place, l.decided DESC NULLS LAST, l.item_id)::int AS place
        FROM impl.item_rows(ARRAY[citing.item_id]) AS t
        CROSS JOIN LATERAL impl.links_of(t, impl.at_least('most_n', citing.most_n, 0)::int) AS l
    ) AS e
    WHERE e.place <= citing.most_n
    ORDER BY e.way COLLATE "C", e.place
$$;

COMMENT ON FUNCTION search.citing(bigint, int) IS
    'Citations of an item both ways: what it cites, what cites it, and its decree and rule.';
