-- Words, of several, that no title of a collection has here; what is no word is left out.
--   SELECT impl.unknown_words(1, '{진공,없는말}');
CREATE OR REPLACE FUNCTION impl.unknown_words(cid int, words text[])
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(w.word ORDER BY w.at), '{}')
        FROM unnest(words) WITH ORDINALITY AS w(word, at)
        CROSS JOIN LATERAL (SELECT left(impl.completion_key(w.word), 60)) AS k(key)
        WHERE k.key <> '' AND NOT EXISTS (
            SELECT FROM core.completion AS c
            WHERE c.collection_id = cid AND c.source = 'w' AND c.key = k.key COLLATE "C"));
END $$;

COMMENT ON FUNCTION impl.unknown_words(int, text[]) IS 'Words, of several, that no title has.';
