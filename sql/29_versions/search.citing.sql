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
    WITH link AS (
        SELECT true AS cites, g.cited_id AS id, g.cited, g.place FROM core.citation AS g
        WHERE g.item_id = citing.item_id
        UNION ALL
        SELECT false, g.item_id, g.cited, g.place FROM core.citation AS g WHERE g.cited_id = citing.item_id
    )
    SELECT e.way, e.place, e.id, e.external_id, e.title, e.cited
    FROM (
        SELECT w.way, o.id, o.external_id, impl.item_title(o.fields) AS title, l.cited,
               row_number() OVER (PARTITION BY w.way ORDER BY
                   CASE WHEN l.cites THEN l.place END,
                   CASE WHEN NOT l.cites THEN o.metadata ->> 'decided' END DESC NULLS LAST, o.id)::int
               AS place
        FROM core.item AS t
        CROSS JOIN link AS l
        JOIN core.item AS o ON o.id = l.id
        CROSS JOIN LATERAL (SELECT CASE WHEN l.cites THEN 'cites'
            WHEN o.fields ->> 'law' IN ((t.fields ->> 'law') || ' 시행령', (t.fields ->> 'law') || ' 시행규칙')
            THEN 'decree' ELSE 'cited' END AS way) AS w
        WHERE t.id = citing.item_id
    ) AS e
    WHERE e.place <= citing.most_n AND impl.at_least('most_n', citing.most_n, 0) >= 0
    ORDER BY e.way COLLATE "C", e.place
$$;

COMMENT ON FUNCTION search.citing(bigint, int) IS
    'Citations of an item both ways: what it cites, what cites it, and its decree and rule.';
