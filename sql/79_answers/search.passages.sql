-- Passages of items that speak of a query: of each item the each_n best pieces of about size_n characters,
-- whole sentences of one field or, of an article of law, of one paragraph (`part`: ①). Items in the order of
-- item_ids; of an item the higher score first, then the earlier field and place. Where no piece has a word of
-- the query, the item was found by meaning, and its first one stands for it.
-- score: the share of the query's weight (idf) whose words the passage has, in [0, 1], higher is better;
-- `scores` the same of each of its `sentences`. Titles, numbers and fields of less than 30 characters are no
-- passages where an item has other texts. Of a field the first 40,000 characters are read; `unread` counts
-- what is left of the item's fields.
--   SELECT p.passage_no, p.part, p.score, p.content FROM search.passages('parts', '진공 펌프의 소음',
--       ARRAY(SELECT item_id FROM search.hybrid('parts', '진공 펌프의 소음', k => 5))) AS p;
CREATE OR REPLACE FUNCTION search.passages(
    collection text,
    query text,
    item_ids bigint[],
    each_n int DEFAULT 2,
    size_n int DEFAULT 600)
RETURNS TABLE (
    passage_no int,
    item_id bigint,
    external_id text,
    title text,
    field text,
    part text,
    start int,
    content text,
    score float8,
    sentences text[],
    scores float8[],
    unread int)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = ''
AS $$
#variable_conflict use_column
DECLARE
    read_n CONSTANT int := 40000;
    -- A shorter field is a name, a number or a category.
    prose_n CONSTANT int := 30;
    cid CONSTANT int := impl.named_collection(collection);
    x CONSTANT core.lexical_index := impl.named_index(cid);
    titles CONSTANT text[] := ARRAY['title', 'name', 'law', 'heading'] || (
        SELECT c.identifier_fields FROM core.collection AS c WHERE c.id = x.collection_id);
BEGIN
    PERFORM impl.at_least('each_n', each_n, 1), impl.at_least('size_n', size_n, 100);
    IF impl.is_spread(cid) THEN
        PERFORM set_config('seogo.statistics', impl.shard_statistics(cid, query, NULL)::text, true);
    END IF;
    RETURN QUERY
    WITH term AS MATERIALIZED (SELECT * FROM impl.asked_terms(x, query)),
    item AS MATERIALIZED (
        SELECT i.id, a.at, i.external_id, impl.item_title(i.fields) AS title, i.fields ? 'law' AS law,
               i.fields || i.picture_fields AS fields
        FROM (SELECT u.id, min(u.at) AS at FROM unnest(item_ids) WITH ORDINALITY AS u(id, at) GROUP BY 1) AS a
        JOIN impl.item_rows(item_ids) AS i ON i.id = a.id AND i.collection_id = cid
    ),
    body AS (
        SELECT t.id, t.law, t.key, left(t.value, read_n) AS value,
               greatest(length(t.value) - read_n, 0) AS left_n
        FROM (
            SELECT i.id, i.law, f.key, f.value, k.kind, min(k.kind) OVER (PARTITION BY i.id) AS best_kind
            FROM item AS i CROSS JOIN LATERAL jsonb_each_text(i.fields) AS f
            CROSS JOIN LATERAL (
                SELECT CASE WHEN f.key = ANY (titles) THEN 3 WHEN length(f.value) < prose_n THEN 2 ELSE 1 END
                ) AS k(kind)
            WHERE f.value ~ '[[:alnum:]]'
        ) AS t
        WHERE t.kind = t.best_kind
    ),
    stretch AS (
        SELECT b.id, b.key, NULL::text AS part, 1 AS start, b.value FROM body AS b
        WHERE NOT (b.law AND b.key = 'text')
        UNION ALL
        SELECT b.id, b.key, substring(split_part(p.path, '/', 1) FROM '^[①-⑳]'), p.start, p.content
        FROM body AS b CROSS JOIN LATERAL impl.legal_parts(b.value) AS p WHERE b.law AND b.key = 'text'
    ),
    sentence AS MATERIALIZED (
        SELECT row_number() OVER () AS no, s.id, s.key, s.part, s.start + c.start - 1 AS start, c.content,
               concat(' ', array_to_string(search.analyze(x.analyzer, c.content), ' '), ' ') AS tokens,
               (sum(length(c.content)) OVER (PARTITION BY s.id, s.key, s.part ORDER BY s.start, c.sentence_no)
                - length(c.content)) / size_n AS piece
        FROM stretch AS s CROSS JOIN LATERAL impl.sentences(s.value) AS c
    ),
    met AS MATERIALIZED (
        SELECT s.no, t.term_no, max(t.share) AS share
        FROM sentence AS s JOIN term AS t ON strpos(s.tokens, t.needle) > 0 GROUP BY s.no, t.term_no
    ),
    piece AS (
        SELECT s.id, s.key, s.part, s.piece, min(s.start) AS start,
               string_agg(s.content, ' ' ORDER BY s.start) AS content,
               array_agg(s.content ORDER BY s.start) AS sentences,
               array_agg(coalesce(m.share, 0) ORDER BY s.start) AS scores
        FROM sentence AS s
        LEFT JOIN (SELECT o.no, sum(o.share) AS share FROM met AS o GROUP BY o.no) AS m ON m.no = s.no
        GROUP BY s.id, s.key, s.part, s.piece
    ),
    scored AS (
        SELECT p.*, g.score,
               row_number() OVER (PARTITION BY p.id ORDER BY g.score DESC, p.key, p.start) AS place
        FROM piece AS p
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(u.share), 0) AS score
            FROM (SELECT m.term_no, max(m.share) AS share FROM sentence AS s JOIN met AS m ON m.no = s.no
                  WHERE s.id = p.id AND s.key = p.key AND s.piece = p.piece
                    AND s.part IS NOT DISTINCT FROM p.part
                  GROUP BY m.term_no) AS u
        ) AS g
    )
    SELECT row_number() OVER (ORDER BY i.at, p.place)::int, i.id, i.external_id, i.title, p.key, p.part,
           p.start::int, p.content, p.score, p.sentences, p.scores,
           (SELECT sum(b.left_n)::int FROM body AS b WHERE b.id = i.id)
    FROM scored AS p JOIN item AS i ON i.id = p.id
    WHERE p.place <= each_n AND (p.place = 1 OR p.score > 0)
    ORDER BY i.at, p.place;
END $$;

COMMENT ON FUNCTION search.passages(text, text, bigint[], int, int) IS
    'Best passages of given items for a query, whole sentences each, with the share of the query in them.';
