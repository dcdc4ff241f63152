-- Parts of an item that is an article of law: paragraphs ①, items 1., subitems 가. of its field `text`
-- (impl.legal_parts); `called` names one as it is cited, 제2항제1호. `words`: how many different words of the
-- query are in a part, 0 without a query: where several have as many, the first is where to look.
--   SELECT p.path, p.content FROM search.parts(1, '손해배상') AS p ORDER BY p.words DESC, p.part_no LIMIT 1;
CREATE OR REPLACE FUNCTION search.parts(item_id bigint, query text DEFAULT NULL, field text DEFAULT 'text')
RETURNS TABLE (
    part_no int,
    level int,
    label text,
    path text,
    called text,
    start int,
    content text,
    words int)
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.part_no, p.level, p.label, p.path, impl.part_called(p.path, i.metadata ->> 'paragraph'), p.start,
           p.content, (
               SELECT count(DISTINCT t.token)::int
               FROM unnest(search.analyze(c.analyzer, p.content)) AS t(token)
               WHERE t.token = ANY (q.tokens))
    FROM impl.item_rows(ARRAY[parts.item_id]) AS i
    JOIN core.collection AS c ON c.id = i.collection_id
    CROSS JOIN LATERAL (SELECT search.analyze(c.analyzer, coalesce(parts.query, '')) AS tokens OFFSET 0) AS q
    CROSS JOIN LATERAL impl.legal_parts(i.fields ->> parts.field) AS p
    ORDER BY p.part_no
$$;

COMMENT ON FUNCTION search.parts(bigint, text, text) IS
    'Parts of an article of law with their labels and places, and how many words of a query each has.';
