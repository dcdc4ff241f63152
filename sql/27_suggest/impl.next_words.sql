-- Completions of the last word of several, from items in whose titles all earlier words are, up to 200 of
-- them: words, and numbers of these items. Earlier words that no title has are left out and named (ignored);
-- where none is left, the last word is completed by itself. n counts the items read; lower_bound: there are
-- more.
--   SELECT * FROM impl.next_words(1, '{오일,실링}', '펌ㅍ', NULL, NULL, 10);
CREATE OR REPLACE FUNCTION impl.next_words(
    cid int,
    earlier text[],
    last_word text,
    contains jsonb,
    path jsonpath,
    limit_n int)
RETURNS TABLE (source text, text text, n bigint, lower_bound boolean, ignored text[], initials boolean)
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    read_n CONSTANT int := 200;  -- items: 2 ms of bench/suggest.py
    key CONSTANT text := left(impl.completion_key(last_word), 60);
    by_initials CONSTANT boolean := key COLLATE "C" ~ '^[ㄱ-ㅎ]{2,}$';
    number_ CONSTANT text := upper(key);
    folded CONSTANT text := impl.fold_identifier(last_word);
    before CONSTANT text := array_to_string(earlier, ' ') || ' ';
    passing_n CONSTANT int := 1000;
    passing bigint[];
    known text[];
    unknown text[];
    ids bigint[];
BEGIN
    unknown := impl.unknown_words(cid, earlier);
    known := (SELECT array_agg('w' || cid::text || ':' || k.key)
              FROM unnest(earlier) AS w(word)
              CROSS JOIN LATERAL (SELECT left(impl.completion_key(w.word), 60)) AS k(key)
              WHERE k.key <> '' AND w.word <> ALL (unknown));
    IF key = '' THEN
        RETURN;
    ELSIF known IS NULL THEN
        RETURN QUERY
        SELECT c.source, before || c.text, c.n, c.lower_bound, unknown, by_initials
        FROM impl.completions_of(cid, key, by_initials, contains, path, limit_n, 2) AS c
        WHERE c.source = 'w';
        RETURN;
    END IF;
    IF contains IS NOT NULL OR path IS NOT NULL THEN
        passing := impl.matching_items(cid, contains, path, passing_n + 1);
    END IF;
    -- Of a filter that few items pass, these are read rather than all titles with the words.
    ids := CASE WHEN cardinality(passing) <= passing_n
           THEN ARRAY(SELECT t.item_id FROM core.title AS t
                      WHERE t.item_id = ANY (passing) AND t.keys @> known LIMIT read_n + 1)
           ELSE ARRAY(SELECT t.item_id FROM core.title AS t JOIN core.item AS i ON i.id = t.item_id
                      WHERE t.keys @> known AND impl.fits(i.metadata, contains, path)
                      LIMIT read_n + 1) END;
    RETURN QUERY
    SELECT c.source, before || c.text, c.n, cardinality(ids) > read_n, unknown, by_initials
    FROM impl.completions_among(ids, cid, key, by_initials, 'w', limit_n) AS c
    UNION ALL
    SELECT 'i', before || d.raw, count(DISTINCT d.item_id), cardinality(ids) > read_n,
           unknown, false
    FROM core.identifier AS d
    -- Whatever begins as typed begins so when folded, which is stored.
    WHERE d.item_id = ANY (ids) AND d.source NOT LIKE 'ocr:%' AND d.keys <> '{}'
      AND folded <> '' AND d.normalized ^@ folded AND upper(impl.completion_key(d.raw)) ^@ number_
    GROUP BY d.raw;
END $$;

COMMENT ON FUNCTION impl.next_words(int, text[], text, jsonb, jsonpath, int) IS
    'Completions of the last word of several in the context of the earlier ones.';
