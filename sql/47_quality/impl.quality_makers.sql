-- Rule `maker` of search.quality: on a picture stands a maker of the collection, and not the item's own. A
-- maker is there by its name, by a synonym of it (search.synonyms), by its first word of four letters or
-- more, with a letter in five misread, or with its spaces lost. Names within each other (LS, LS ELECTRIC)
-- are one. Score: confidence of the line with the other's name.
--   SELECT q.* FROM impl.quality_makers(impl.collection_id('parts'),
--       impl.quality_cases(impl.collection_id('parts'), '{1,2}'), ARRAY['edwards', 'ebara']) AS q;
CREATE OR REPLACE FUNCTION impl.quality_makers(cid int, cases jsonb, makers text[])
RETURNS TABLE (case_no int, picture_no int, other_id bigint, score float8, evidence jsonb, subject text,
               unjudged text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH item AS MATERIALIZED (
        SELECT c.no::int, c.v, c.v ->> 'maker' AS maker, impl.name_key(c.v ->> 'maker') AS own
        FROM jsonb_array_elements(cases) WITH ORDINALITY AS c(v, no)
    ),
    -- Synonyms of the item's maker count as its names.
    names AS MATERIALIZED (
        SELECT i.no, i.own AS name FROM item AS i WHERE i.own <> ''
        UNION
        SELECT i.no, impl.name_key(w.word)
        FROM (SELECT DISTINCT g.words || g.typed AS words FROM core.synonym_group AS g
              WHERE g.collection_id = cid) AS s
        JOIN item AS i ON i.own <> '' AND i.own IN (SELECT impl.name_key(x) FROM unnest(s.words) AS x)
        CROSS JOIN LATERAL unnest(s.words) AS w(word)
    ),
    known AS MATERIALIZED (
        SELECT k.key FROM unnest(quality_makers.makers) AS k(key)
        UNION SELECT i.own FROM item AS i WHERE impl.is_name(i.own)
    ),
    picture AS MATERIALIZED (
        SELECT i.no, p.no::int AS picture_no, p.v -> 'lines' AS lines, t.words,
               array_to_string(t.words, ' ') AS text
        FROM item AS i
        CROSS JOIN LATERAL jsonb_array_elements(i.v -> 'pictures') WITH ORDINALITY AS p(v, no)
        CROSS JOIN LATERAL (
            SELECT (string_to_array(impl.name_key(string_agg(l.text, ' ' ORDER BY l.at)), ' '))[:500] AS words
            FROM jsonb_array_elements(p.v -> 'lines') WITH ORDINALITY AS e(v, at)
            CROSS JOIN LATERAL (SELECT e.v ->> 'text' AS text, e.at) AS l
            WHERE (e.v ->> 'confidence')::float8 >= 0.5) AS t
        WHERE i.own <> '' AND p.v ->> 'state' = 'read' AND t.words <> '{}'
    ),
    -- The picture's stretches of up to five words.
    stretch AS MATERIALIZED (
        SELECT DISTINCT p.no, p.picture_no, array_to_string(p.words[a.at:a.at + n.n - 1], ' ') AS words, n.n
        FROM picture AS p
        CROSS JOIN LATERAL generate_series(1, cardinality(p.words)) AS a(at)
        CROSS JOIN LATERAL generate_series(1, least(5, cardinality(p.words) - a.at + 1)) AS n(n)
    ),
    other AS (
        SELECT DISTINCT ON (s.no, s.picture_no) s.no, s.picture_no, k.key
        FROM stretch AS s JOIN known AS k ON k.key = s.words
        ORDER BY s.no, s.picture_no, length(k.key) DESC, k.key
    ),
    found AS (
        SELECT o.no, o.picture_no, o.key, p.lines
        FROM other AS o JOIN picture AS p ON p.no = o.no AND p.picture_no = o.picture_no
        WHERE NOT EXISTS (
            SELECT FROM names AS n
            WHERE n.no = o.no AND (
                strpos(' ' || p.text || ' ', ' ' || n.name || ' ') > 0
                OR length(n.name) >= 4
                    AND strpos(replace(p.text, ' ', ''), replace(n.name, ' ', '')) > 0
                OR length(split_part(n.name, ' ', 1)) >= 4
                    AND strpos(' ' || p.text || ' ', ' ' || split_part(n.name, ' ', 1) || ' ') > 0
                OR strpos(' ' || n.name || ' ', ' ' || o.key || ' ') > 0
                OR strpos(' ' || o.key || ' ', ' ' || n.name || ' ') > 0
                OR length(n.name) >= 5 AND EXISTS (
                    SELECT FROM stretch AS s
                    WHERE s.no = o.no AND s.picture_no = o.picture_no
                      AND abs(length(s.words) - length(n.name)) <= length(n.name) / 5
                      AND impl.edit_distance(s.words, n.name, length(n.name) / 5) <= length(n.name) / 5)))
    )
    SELECT f.no, f.picture_no, NULL::bigint, l.confidence,
           jsonb_build_object('given', i.maker, 'read', coalesce(l.text, f.key),
                              'confidence', round(l.confidence::numeric, 3)),
           concat_ws(E'\n', i.own, f.key), NULL
    FROM found AS f JOIN item AS i ON i.no = f.no
    CROSS JOIN LATERAL (
        SELECT max(g.text) AS text, coalesce(max(g.confidence), 0.5) AS confidence
        FROM jsonb_to_recordset(f.lines) AS g(text text, confidence float8)
        WHERE strpos(' ' || impl.name_key(g.text) || ' ', ' ' || f.key || ' ') > 0) AS l
    UNION ALL
    SELECT i.no, NULL, NULL, NULL, NULL, NULL,
           CASE WHEN coalesce(i.own, '') = '' THEN 'no maker' ELSE impl.unread(i.v) END
    FROM item AS i WHERE NOT EXISTS (SELECT FROM picture AS p WHERE p.no = i.no)
$$;

COMMENT ON FUNCTION impl.quality_makers(int, jsonb, text[]) IS
    'Pictures on which the name of another maker is read than the item has.';
