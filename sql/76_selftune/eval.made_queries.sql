-- Queries made from the texts of a collection, for tuning where nobody has judged: of items drawn by `seed`,
-- short fields as they are (titles, headings), and lines or sentences of the others. Half of them keep only
-- some of their words, as people type; the rest is whole. `fields` is the item without the words asked:
-- a leg that is to find the item must find it by what is left. An item gives one query a field at most.
-- Lee, Chang, Toutanova: Latent Retrieval for Weakly Supervised Open Domain QA, 2019 (inverse cloze task:
-- a sentence asks for the passage it was taken from).
--   SELECT field, form, query FROM eval.made_queries('parts', 20);
CREATE OR REPLACE FUNCTION eval.made_queries(collection text, items_n int DEFAULT 400, seed bigint DEFAULT 1)
RETURNS TABLE (item_id bigint, external_id text, field text, form text, query text, piece text,
               fields jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    shortest CONSTANT int := 12;  -- characters of a piece, and of what must be left
    longest CONSTANT int := 300;  -- characters of a query
    title_n CONSTANT int := 120;  -- characters up to which a field is asked as a whole
    enough_words CONSTANT int := 6;  -- words from which some are left out
    cid CONSTANT int := impl.collection_id(collection);
BEGIN
    PERFORM impl.at_least('items_n', items_n, 1);
    RETURN QUERY
    WITH drawn AS MATERIALIZED (
        SELECT i.id, i.external_id, i.fields FROM core.item AS i WHERE i.collection_id = cid
        ORDER BY hashint8extended(i.id, seed) LIMIT items_n
    ),
    piece AS (
        SELECT DISTINCT ON (d.id, f.key) d.id, d.external_id, d.fields, f.key AS field, f.value,
               btrim(p.said) AS said
        FROM drawn AS d
        CROSS JOIN LATERAL jsonb_each_text(d.fields) AS f
        CROSS JOIN LATERAL regexp_split_to_table(f.value, CASE WHEN length(f.value) <= title_n
            THEN E'\\n+' ELSE E'(?<=[.!?。])\\s+|\\n+' END) AS p(said)
        WHERE length(btrim(p.said)) BETWEEN CASE WHEN length(f.value) <= title_n THEN 2 ELSE shortest END
              AND longest
        ORDER BY d.id, f.key, hashtextextended(p.said, seed)
    ),
    cut AS (
        SELECT p.*, jsonb_set(p.fields, ARRAY[p.field],
                              to_jsonb(btrim(replace(p.value, p.said, '')))) AS remaining
        FROM piece AS p
    ),
    formed AS (
        SELECT c.*, w.words, hashtextextended(c.said, seed + 1) % 2 = 0
                    AND cardinality(w.words) >= enough_words AS some
        FROM cut AS c CROSS JOIN LATERAL (
            SELECT array_agg(t.word ORDER BY t.at) AS words
            FROM regexp_split_to_table(c.said, E'[\\s,.;:()\\[\\]]+') WITH ORDINALITY AS t(word, at)
            WHERE length(t.word) > 3 OR t.word ~ '[^ -~]{2}'  -- most short words of Latin letters say little
        ) AS w
        WHERE EXISTS (SELECT FROM jsonb_each_text(c.remaining) AS r WHERE length(r.value) >= shortest)
    )
    SELECT f.id, f.external_id, f.field, CASE WHEN f.some THEN 'some words' ELSE 'whole' END,
           CASE WHEN f.some THEN (
               SELECT string_agg(k.word, ' ' ORDER BY k.at)
               FROM (SELECT w.word, w.at FROM unnest(f.words) WITH ORDINALITY AS w(word, at)
                     ORDER BY hashtextextended(w.word, seed + f.id + w.at)
                     LIMIT 3 + abs(hashint8extended(f.id, seed) % 4)) AS k)
           ELSE f.said END,
           f.said, f.remaining
    FROM formed AS f
    ORDER BY hashint8extended(f.id, seed + 2), f.field;
END $$;

COMMENT ON FUNCTION eval.made_queries(text, int, bigint) IS
    'Queries made from the texts of a collection, each with its item as it is without the words asked.';
