-- Changes between two items, such as versions of an article, part by part, in the order of the later one: a
-- part is `same`, `changed`, `added` or `removed`. Parts are told by their path, such as ①/2.; of other texts
-- the whole is one part. NULL for the earlier item: the version before, if there is one.
--   SELECT c.* FROM search.changes(NULL, 1) AS c WHERE c.change <> 'same';
CREATE OR REPLACE FUNCTION search.changes(earlier_id bigint, later_id bigint, field text DEFAULT 'text')
RETURNS TABLE (path text, change text, before text, after text)
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    WITH chosen AS (
        SELECT coalesce(changes.earlier_id, (
            SELECT b.before
            FROM (SELECT v.item_id, lag(v.item_id) OVER w AS before
                  FROM search.versions(changes.later_id) AS v
                  WINDOW w AS (ORDER BY v.valid_from NULLS FIRST, v.item_id)) AS b
            WHERE b.item_id = changes.later_id)) AS id
    ),
    earlier AS (
        SELECT p.* FROM chosen CROSS JOIN LATERAL impl.item_rows(ARRAY[chosen.id]) AS i
        CROSS JOIN LATERAL impl.legal_parts(i.fields ->> changes.field) AS p
    ),
    later AS (
        SELECT p.* FROM impl.item_rows(ARRAY[changes.later_id]) AS i
        CROSS JOIN LATERAL impl.legal_parts(i.fields ->> changes.field) AS p
    )
    SELECT coalesce(l.path, e.path, ''),
           CASE WHEN e.part_no IS NULL THEN 'added' WHEN l.part_no IS NULL THEN 'removed'
                WHEN btrim(e.content) = btrim(l.content) THEN 'same' ELSE 'changed' END,
           btrim(e.content), btrim(l.content)
    FROM earlier AS e FULL JOIN later AS l ON coalesce(l.path, '') = coalesce(e.path, '')
    WHERE EXISTS (SELECT FROM chosen WHERE chosen.id IS NOT NULL)
    ORDER BY coalesce(l.part_no, e.part_no), l.part_no IS NULL, e.part_no
$$;

COMMENT ON FUNCTION search.changes(bigint, bigint, text) IS
    'Changes between two versions of an item, part by part: same, changed, added, removed.';
