-- Pairs of words of which one was typed in place of the other: a query found nothing, or nothing by its
-- words, and the same key asked within two minutes for the same but one word, and that found something by
-- words. score: how many keys and hours did so, higher is better; ties by the words. Reads 30 days of the
-- query log.
-- Jones, Rey, Madani, Greiner: Generating Query Substitutions, WWW 2006.
--   SELECT * FROM impl.reworded('parts', 10);
CREATE OR REPLACE FUNCTION impl.reworded(collection text, k int DEFAULT 50)
RETURNS TABLE (words text[], score float8, queries text[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH asked AS MATERIALIZED (
        SELECT q.id, q.key_id, q.asked_at, q.query, impl.plain_words(q.query) AS words,
               q.found = 0 OR q.word_hits = 0 AS failed
        FROM ops.query_log AS q
        WHERE q.collection_id = impl.named_collection(reworded.collection)
          AND q.asked_at > now() - interval '30 days' AND q.skip = 0 AND q.found IS NOT NULL AND q.query <> ''
    ),
    pair AS (
        SELECT a.key_id, a.asked_at, a.query AS before, b.query AS after, gone.words AS gone,
               came.words AS came
        FROM asked AS a
        JOIN asked AS b ON b.key_id IS NOT DISTINCT FROM a.key_id AND b.asked_at > a.asked_at
             AND b.asked_at <= a.asked_at + interval '2 minutes'
        CROSS JOIN LATERAL (SELECT array_agg(w) AS words FROM unnest(a.words) AS w
                            WHERE w <> ALL (b.words)) AS gone
        CROSS JOIN LATERAL (SELECT array_agg(w) AS words FROM unnest(b.words) AS w
                            WHERE w <> ALL (a.words)) AS came
        WHERE a.failed AND NOT b.failed AND cardinality(gone.words) = 1 AND cardinality(came.words) = 1
    )
    SELECT ARRAY[least(p.gone[1], p.came[1]), greatest(p.gone[1], p.came[1])],
           count(DISTINCT (p.key_id, date_trunc('hour', p.asked_at)))::float8,
           (array_agg(DISTINCT p.before || ' → ' || p.after))[1:3]
    FROM pair AS p
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT impl.at_least('k', reworded.k, 0)
$$;

COMMENT ON FUNCTION impl.reworded(text, int) IS
    'Pairs of words of which one was typed in place of the other, which had found nothing.';
