-- Adds the words of documents to a vocabulary: to each word, and to each pair of neighbours among the first
-- twelve words of a field, the number of the documents that have it. Fields of weight 0 are left out, as in
-- the lexical index.
--   SELECT impl.count_words(1, impl.live_index('parts'), ARRAY[1, 2, 3]);
CREATE OR REPLACE FUNCTION impl.count_words(vocabulary_id int, x core.lexical_index, doc_ids bigint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    WITH field AS MATERIALIZED (
        SELECT d.id, impl.vocabulary_words(f.value) AS words
        FROM core.document AS d JOIN core.item AS i ON i.id = d.item_id
        CROSS JOIN LATERAL jsonb_each_text(i.fields || i.picture_fields) AS f
        WHERE d.id = ANY (doc_ids) AND coalesce((x.field_weights ->> f.key)::float8, 1) > 0
    ),
    word AS (
        INSERT INTO core.word AS w (vocabulary_id, word, n)
        SELECT count_words.vocabulary_id, u.word, count(*)
        FROM (SELECT DISTINCT f.id, t.word COLLATE "C" AS word
              FROM field AS f, unnest(f.words) AS t(word)) AS u
        WHERE u.word IS NOT NULL GROUP BY u.word
        ON CONFLICT ON CONSTRAINT word_pkey DO UPDATE SET n = w.n + excluded.n
    )
    INSERT INTO core.word_pair AS p (vocabulary_id, joined, first_n, n)
    SELECT count_words.vocabulary_id, u.joined, u.first_n, count(*)
    FROM (SELECT DISTINCT f.id, (f.words[at] || f.words[at + 1]) COLLATE "C" AS joined,
                 length(f.words[at])::smallint AS first_n
          FROM field AS f CROSS JOIN generate_series(1, 11) AS at) AS u
    WHERE u.joined IS NOT NULL GROUP BY u.joined, u.first_n
    ON CONFLICT ON CONSTRAINT word_pair_pkey DO UPDATE SET n = p.n + excluded.n;
END $$;

COMMENT ON FUNCTION impl.count_words(int, core.lexical_index, bigint[]) IS
    'Adds the words of documents to a vocabulary.';
