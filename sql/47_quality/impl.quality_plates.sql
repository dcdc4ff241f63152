-- Rule `nameplate` of search.quality: the item has a nameplate (has_nameplate, or a picture of that role) and
-- nothing is read in its pictures, or it has none and one is read. Read: three lines with letters or digits
-- and a confidence of 0.6, or a number behind its label. An item with a plate is judged once all its pictures
-- are read. Score: 1 where nothing is read; else the mean confidence of the lines.
--   SELECT q.* FROM impl.quality_plates(impl.quality_cases(impl.collection_id('parts'), '{1,2}')) AS q;
CREATE OR REPLACE FUNCTION impl.quality_plates(cases jsonb)
RETURNS TABLE (case_no int, picture_no int, other_id bigint, score float8, evidence jsonb, subject text,
               unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT c.no::int, c.v, (c.v ->> 'has_nameplate')::boolean AS said,
               c.v @? '$.pictures[*] ? (@.role == "nameplate")' AS shown
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    ),
    picture AS MATERIALIZED (
        SELECT i.no, p.no::int AS picture_no, p.v ->> 'role' AS role, p.v ->> 'state' AS state,
               l.n, l.some, l.sure, l.first,
               l.n >= 3 OR p.v @? '$.numbers[*] ? (@.label != "unlabelled" && @.confidence >= 0.5)' AS plate
        FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE g.confidence >= 0.6) AS n,
                   count(*) FILTER (WHERE g.confidence >= 0.5) AS some, avg(g.confidence) AS sure,
                   min(g.text) FILTER (WHERE g.confidence >= 0.6) AS first
            FROM jsonb_to_recordset(p.v -> 'lines') AS g(text text, confidence float8)
            WHERE impl.name_key(g.text) ~ '..') AS l
    ),
    judged AS MATERIALIZED (
        SELECT i.no, i.said, i.shown, i.v,
               bool_or(p.plate AND p.state = 'read') AS plate, sum(p.some) AS some,
               bool_and(p.state = 'read') AS whole, bool_or(p.state = 'read') AS any_read
        FROM item AS i LEFT JOIN picture AS p ON p.no = i.no GROUP BY i.no, i.said, i.shown, i.v
    )
    SELECT j.no, p.picture_no, NULL::bigint, 1,
           jsonb_build_object('has_nameplate', true, 'lines', 0,
                              'role', CASE WHEN j.said IS DISTINCT FROM true THEN 'nameplate' END),
           'plate without lines', NULL
    FROM judged AS j
    CROSS JOIN LATERAL (SELECT g.picture_no FROM picture AS g WHERE g.no = j.no
                        ORDER BY g.role <> 'nameplate', g.picture_no LIMIT 1) AS p
    WHERE (j.said OR j.shown) AND j.whole AND NOT j.plate AND j.some = 0
    UNION ALL
    SELECT j.no, p.picture_no, NULL, p.sure,
           jsonb_build_object('has_nameplate', false, 'lines', p.n, 'read', p.first),
           'lines without plate', NULL
    FROM judged AS j
    CROSS JOIN LATERAL (SELECT g.* FROM picture AS g WHERE g.no = j.no AND g.plate AND g.state = 'read'
                        ORDER BY g.n DESC, g.picture_no LIMIT 1) AS p
    WHERE NOT j.said
    UNION ALL
    SELECT j.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN j.said IS NULL AND NOT j.shown THEN 'no has_nameplate' ELSE impl.unread(j.v) END
    FROM judged AS j
    WHERE j.said IS NULL AND NOT j.shown OR NOT coalesce(j.any_read, false)
       OR NOT j.whole AND NOT coalesce(j.plate, false)
$$;

COMMENT ON FUNCTION impl.quality_plates(jsonb) IS
    'Items with a nameplate on which nothing is read, and items without one on which a plate is read.';
