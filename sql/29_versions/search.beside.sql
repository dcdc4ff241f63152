-- Articles beside an article in its law, by their numbers: the one before and the one behind it, valid on the
-- day that it is (today, or the last day it was valid). `way`: before, behind.
--   SELECT b.way, b.external_id FROM search.beside(1) AS b;
CREATE OR REPLACE FUNCTION search.beside(item_id bigint)
RETURNS TABLE (way text, item_id bigint, external_id text, title text)
LANGUAGE sql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
    WITH article AS MATERIALIZED (
        SELECT o.id, o.external_id, impl.item_title(o.fields) AS title,
               ARRAY(SELECT m[1]::int FROM regexp_matches(concat_ws(' ', o.metadata ->> 'article',
                                                                    o.metadata ->> 'paragraph'),
                                                          '([0-9]{1,8})', 'g') AS m) AS numbers
        FROM impl.item_rows(ARRAY[beside.item_id]) AS t
        CROSS JOIN LATERAL (
            SELECT least(impl.day_of(t.metadata, 'valid_until') - 1, current_date) AS day) AS d
        JOIN LATERAL impl.items_having(
            t.collection_id, jsonb_build_object('doc', t.metadata -> 'doc')) AS o ON o.metadata ? 'article'
        WHERE t.metadata ? 'doc' AND t.metadata ? 'article'
          AND (o.id = t.id
               OR coalesce(impl.day_of(o.metadata, 'valid_from') <= d.day, true)
                  AND coalesce(impl.day_of(o.metadata, 'valid_until') > d.day, true)
                  AND (t.metadata ->> 'version_of' = o.metadata ->> 'version_of') IS NOT TRUE)
    ),
    placed AS (
        SELECT a.id, lag(a.id) OVER w AS before, lead(a.id) OVER w AS behind FROM article AS a
        WINDOW w AS (ORDER BY a.numbers, a.id)
    )
    SELECT n.way, a.id, a.external_id, a.title
    FROM placed AS p
    CROSS JOIN LATERAL (VALUES ('before', p.before), ('behind', p.behind)) AS n(way, id)
    JOIN article AS a ON a.id = n.id
    WHERE p.id = beside.item_id
    ORDER BY n.way COLLATE "C"
$$;

COMMENT ON FUNCTION search.beside(bigint) IS 'Articles before and behind an article in its law.';
