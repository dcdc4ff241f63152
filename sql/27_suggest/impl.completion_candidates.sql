-- Completions of one source whose key begins with a prefix, or whose initial consonants do: those of the
-- highest class of counts first, then by key. Each class is a short scan of an index, so that the work is
-- bounded by limit_n however many have the prefix. n is current, also where counts are not folded
-- yet; what fewer than fewest items have is no completion.
--   SELECT * FROM impl.completion_candidates(1, 'w', 'ㅍㅓㅁ', false, 1, 10);
CREATE OR REPLACE FUNCTION impl.completion_candidates(
    cid int,
    source text,
    prefix text,
    by_initials boolean,
    fewest int,
    limit_n int)
RETURNS TABLE (key text, text text, n bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    beyond CONSTANT text := prefix || chr(1114111);
    highest CONSTANT int := (
        SELECT c.class FROM core.completion AS c
        WHERE c.collection_id = cid AND c.source = completion_candidates.source
        ORDER BY c.class DESC LIMIT 1);
    keys text[];
    texts text[];
BEGIN
    -- Without ORDER BY: a loop over classes gives them in their order, and may stop early.
    IF by_initials THEN
        SELECT array_agg(t.key), array_agg(t.text) INTO keys, texts FROM (
            SELECT c.key, c.text FROM generate_series(highest, fewest, -1) AS l(class) CROSS JOIN LATERAL (
                SELECT c.key, c.text FROM core.completion AS c
                WHERE c.collection_id = cid AND c.source = completion_candidates.source AND c.class = l.class
                  AND c.initials >= prefix COLLATE "C" AND c.initials < beyond COLLATE "C"
                ORDER BY c.initials LIMIT limit_n) AS c
            LIMIT limit_n) AS t;
    ELSIF EXISTS (SELECT FROM core.completion AS c  -- one look instead of one a class
                  WHERE c.collection_id = cid AND c.source = completion_candidates.source
                    AND c.key >= prefix COLLATE "C" AND c.key < beyond COLLATE "C") THEN
        SELECT array_agg(t.key), array_agg(t.text) INTO keys, texts FROM (
            SELECT c.key, c.text FROM generate_series(highest, fewest, -1) AS l(class) CROSS JOIN LATERAL (
                SELECT DISTINCT ON (c.key) c.key, c.text FROM core.completion AS c
                WHERE c.collection_id = cid AND c.source = completion_candidates.source AND c.class = l.class
                  AND c.key >= prefix COLLATE "C" AND c.key < beyond COLLATE "C"
                ORDER BY c.key LIMIT limit_n) AS c
            LIMIT limit_n) AS t;
    END IF;
    RETURN QUERY
    SELECT t.key, t.text, s.n
    FROM (SELECT DISTINCT u.* FROM unnest(keys, texts) AS u(key, text)) AS t
    CROSS JOIN LATERAL (
        SELECT sum(c.n)::bigint AS n FROM core.completion AS c
        WHERE c.collection_id = cid AND c.source = completion_candidates.source
          AND c.key = t.key COLLATE "C" AND c.text = t.text COLLATE "C") AS s
    WHERE s.n >= fewest;
END $$;

COMMENT ON FUNCTION impl.completion_candidates(int, text, text, boolean, int, int) IS
    'Most frequent completions of a source that begin with a prefix, or whose initial consonants do.';
