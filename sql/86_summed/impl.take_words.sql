-- Adds the words (of: word) or the pairs of words (of: pair) that a shard counted of a collection to a
-- vocabulary here.
--   SELECT impl.take_words(1, 1, 'parts', 'word');
CREATE OR REPLACE FUNCTION impl.take_words(vocabulary_id int, shard_id int, collection text, "of" text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    page_n CONSTANT int := 20000;  -- some 600 kB
    page jsonb;
BEGIN
    LOOP
        SELECT a.answer -> 'words' INTO page
        FROM impl.ask_shards(ARRAY[take_words.shard_id], ARRAY[jsonb_build_object(
            'do', 'words', 'collection', take_words.collection, 'of', take_words.of, 'after', page -> -1,
            'limit', page_n)]) AS a;
        IF take_words.of = 'word' THEN
            INSERT INTO core.word AS w (vocabulary_id, word, n)
            SELECT take_words.vocabulary_id, e.one ->> 0, (e.one -> 1)::int
            FROM jsonb_array_elements(page) AS e(one)
            ON CONFLICT ON CONSTRAINT word_pkey DO UPDATE SET n = w.n + excluded.n;
        ELSE
            INSERT INTO core.word_pair AS p (vocabulary_id, joined, first_n, n)
            SELECT take_words.vocabulary_id, e.one ->> 0, (e.one -> 2)::smallint, (e.one -> 1)::int
            FROM jsonb_array_elements(page) AS e(one)
            ON CONFLICT ON CONSTRAINT word_pair_pkey DO UPDATE SET n = p.n + excluded.n;
        END IF;
        EXIT WHEN jsonb_array_length(page) < page_n;
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.take_words(int, int, text, text) IS
    'Adds words that a shard counted to a vocabulary here.';
