-- Part of an article that a passage of it is from: the paragraph, item or subitem in which most of the marked
-- words stand, the first of several. passage: a snippet of search.highlight with html and its usual marks.
-- Empty where the item is no article (no `article` in its metadata), its text has no parts, the passage is of
-- another text, or the words stand before the first part.
--   SELECT h.snippet, p.called FROM search.highlight('laws', '손해배상', 1, html => true) AS h
--   CROSS JOIN LATERAL search.passage_part(1, h.snippet, h.field) AS p;
CREATE OR REPLACE FUNCTION search.passage_part(item_id bigint, passage text, field text DEFAULT 'text')
RETURNS TABLE (part_no int, path text, called text, start int)
LANGUAGE sql STABLE ROWS 1
SET search_path = pg_catalog, pg_temp
AS $$
    WITH article AS MATERIALIZED (
        SELECT i.fields ->> passage_part.field AS body, i.metadata ->> 'paragraph' AS paragraph
        FROM impl.item_rows(ARRAY[passage_part.item_id]) AS i WHERE i.metadata ? 'article'
    ),
    -- Places are counted without spaces, which passages have otherwise than texts.
    piece AS MATERIALIZED (
        SELECT s.at, replace(replace(replace(replace(replace(
                   s.said, '</mark>', ''), '&quot;', '"'), '&gt;', '>'), '&lt;', '<'), '&amp;', '&') AS said
        FROM string_to_table(
            replace(impl.spaced(regexp_replace(passage_part.passage, '^… | …$', '', 'g')), ' ', ''), '<mark>')
            WITH ORDINALITY AS s(said, at)
    ),
    begins AS (
        SELECT nullif(strpos(replace(impl.spaced(a.body), ' ', ''),
                             (SELECT string_agg(p.said, '' ORDER BY p.at) FROM piece AS p)), 0) - 1 AS place
        FROM article AS a
    ),
    word AS (
        SELECT b.place + sum(length(p.said)) OVER (ORDER BY p.at) - length(p.said) AS place, p.at
        FROM begins AS b CROSS JOIN piece AS p
    ),
    part AS (
        SELECT p.*, s.signs, sum(s.signs) OVER (ORDER BY p.part_no) - s.signs AS place, a.paragraph
        FROM article AS a CROSS JOIN LATERAL impl.legal_parts(a.body) AS p
        CROSS JOIN LATERAL (SELECT length(replace(impl.spaced(p.content), ' ', '')) AS signs) AS s
    )
    SELECT f.part_no, f.path, impl.part_called(f.path, f.paragraph), f.start
    FROM (
        SELECT p.part_no, p.path, p.start, p.paragraph
        FROM word AS w JOIN part AS p ON w.place >= p.place AND w.place < p.place + p.signs
        WHERE w.at > 1
        GROUP BY p.part_no, p.path, p.start, p.paragraph ORDER BY count(*) DESC, p.part_no LIMIT 1
    ) AS f
    WHERE f.path IS NOT NULL
$$;

COMMENT ON FUNCTION search.passage_part(bigint, text, text) IS
    'Part of an article (paragraph, item, subitem) that a highlighted passage is from.';
