-- Queries made from the texts of items: short fields as they are (titles, headings, numbers), and a line or
-- sentence of each other field. Half of the longer ones keep only some of their words, as people type; the
-- rest is whole. keys: a number per item, below 2^62, that decides with the seed what is drawn of it, so that
-- the same keys give the same queries in any database. `fields` is the item without the words asked; an item
-- of which less than left_n characters would be left in every field gives no such query. Ordered by a hash of
-- the keys, then by field.
--   SELECT field, form, query FROM impl.queries_of('{1}', '{1}', 1, 0);
CREATE OR REPLACE FUNCTION impl.queries_of(item_ids bigint[], keys bigint[], seed bigint, left_n int)
RETURNS TABLE (item_id bigint, external_id text, field text, form text, query text, piece text,
               fields jsonb)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH constant AS (
        SELECT 12 AS shortest,  -- characters of a sentence
               300 AS longest,  -- characters of a query
               120 AS title_n,  -- characters up to which a field is asked as a whole
               6 AS enough_words  -- words from which some are left out
    ),
    drawn AS MATERIALIZED (
        SELECT i.id, g.key, i.external_id, i.fields
        FROM unnest(queries_of.item_ids, queries_of.keys) AS g(id, key)
        JOIN impl.item_rows(queries_of.item_ids) AS i ON i.id = g.id
    ),
    piece AS (
        SELECT DISTINCT ON (d.id, f.key) d.id, d.key, d.external_id, d.fields, f.key AS field, f.value,
               btrim(p.said) AS said
        FROM constant AS n CROSS JOIN drawn AS d
        CROSS JOIN LATERAL jsonb_each_text(d.fields) AS f
        CROSS JOIN LATERAL regexp_split_to_table(f.value, CASE WHEN length(f.value) <= n.title_n
            THEN E'\\n+' ELSE E'(?<=[.!?。])\\s+|\\n+' END) AS p(said)
        WHERE length(btrim(p.said)) BETWEEN CASE WHEN length(f.value) <= n.title_n THEN 2 ELSE n.shortest END
              AND n.longest
        ORDER BY d.id, f.key, hashtextextended(p.said, queries_of.seed)
    ),
    cut AS (
        SELECT p.*, jsonb_set(p.fields, ARRAY[p.field],
                              to_jsonb(btrim(replace(p.value, p.said, '')))) AS remaining
        FROM piece AS p
    ),
    formed AS (
        SELECT c.*, w.words, hashtextextended(c.said, queries_of.seed + 1) % 2 = 0
                    AND cardinality(w.words) >= n.enough_words AS some
        FROM constant AS n CROSS JOIN cut AS c CROSS JOIN LATERAL (
            SELECT array_agg(t.word ORDER BY t.at) AS words
            FROM regexp_split_to_table(c.said, E'[\\s,.;:()\\[\\]]+') WITH ORDINALITY AS t(word, at)
            WHERE length(t.word) > 3 OR t.word ~ '[^ -~]{2}'  -- most short words of Latin letters say little
        ) AS w
        WHERE queries_of.left_n = 0 OR EXISTS (SELECT FROM jsonb_each_text(c.remaining) AS r
                                               WHERE length(r.value) >= queries_of.left_n)
    )
    SELECT f.id, f.external_id, f.field, CASE WHEN f.some THEN 'some words' ELSE 'whole' END,
           CASE WHEN f.some THEN (
               SELECT string_agg(k.word, ' ' ORDER BY k.at)
               FROM (SELECT w.word, w.at FROM unnest(f.words) WITH ORDINALITY AS w(word, at)
                     ORDER BY hashtextextended(w.word, queries_of.seed + f.key + w.at)
                     LIMIT 3 + abs(hashint8extended(f.key, queries_of.seed) % 4)) AS k)
           ELSE f.said END,
           f.said, f.remaining
    FROM formed AS f
    ORDER BY hashint8extended(f.key, queries_of.seed + 2), f.id, f.field
$$;

COMMENT ON FUNCTION impl.queries_of(bigint[], bigint[], bigint, int) IS
    'Queries made from the texts of items, each with its item as it is without the words asked.';
