-- Words that a shard counted of a collection, each with its count, in their order behind one: arrays of a
-- word, its count, and, of pairs (of: pair), the length of the first of both. after: the last array of the
-- page before.
--   SELECT impl.answer_words('{"collection": "parts", "of": "word", "limit": 100}');
CREATE OR REPLACE FUNCTION impl.answer_words(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v CONSTANT core.vocabulary := impl.live_vocabulary(request ->> 'collection');
    after CONSTANT text := coalesce(request #>> '{after,0}', '');
    limit_n CONSTANT int := (request ->> 'limit')::int;
    found jsonb;
BEGIN
    IF request ->> 'of' = 'word' THEN
        SELECT jsonb_agg(jsonb_build_array(l.word, l.n) ORDER BY l.word) INTO found
        FROM (SELECT w.word, w.n FROM core.word AS w
              WHERE w.vocabulary_id = v.id AND w.word > after COLLATE "C"
              ORDER BY w.word LIMIT limit_n) AS l;
    ELSE
        SELECT jsonb_agg(jsonb_build_array(l.joined, l.n, l.first_n) ORDER BY l.joined, l.first_n) INTO found
        FROM (SELECT p.joined, p.n, p.first_n FROM core.word_pair AS p
              WHERE p.vocabulary_id = v.id
                AND (p.joined, p.first_n) > (after COLLATE "C", coalesce((request #> '{after,2}')::int, 0))
              ORDER BY p.joined, p.first_n LIMIT limit_n) AS l;
    END IF;
    RETURN jsonb_build_object('words', coalesce(found, '[]'));
END $$;

COMMENT ON FUNCTION impl.answer_words(jsonb) IS 'Words that a shard counted of a collection, page by page.';
