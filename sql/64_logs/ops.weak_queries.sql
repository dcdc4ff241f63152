-- Queries of the log that found nothing, nothing by their words, or only what was told to be weak: what
-- people want and the collection does not have, or calls otherwise. Queries that differ in case, spacing
-- or width are one, shown as it was last typed. Per query: how often it was asked (first pages only), how
-- often it found nothing, no hit had one of its words or numbers (`wordless`), the answer was weak, and
-- the best score of any. The most often unanswered first, then the latest. Searches with a filter, by
-- picture or by items are left out: it may be these that let nothing through.
--   SELECT query, asked, nothing, wordless FROM ops.weak_queries('parts', '7 days');
CREATE OR REPLACE FUNCTION ops.weak_queries(
    only_collection text DEFAULT NULL,
    within interval DEFAULT '30 days',
    k int DEFAULT 100)
RETURNS TABLE (collection text, query text, asked int, nothing int, wordless int, weak int, best_score float8,
               last_asked_at timestamptz)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name, g.query, g.asked, g.nothing, g.wordless, g.weak, g.best_score, g.last_asked_at
    FROM core.collection AS c
    CROSS JOIN LATERAL (
        SELECT (array_agg(q.query ORDER BY q.asked_at DESC))[1] AS query, count(*)::int AS asked,
               (count(*) FILTER (WHERE q.found = 0))::int AS nothing,
               (count(*) FILTER (WHERE q.found > 0 AND q.word_hits = 0))::int AS wordless,
               (count(*) FILTER (WHERE q.weak))::int AS weak,
               max(q.best_score) AS best_score, max(q.asked_at) AS last_asked_at
        FROM ops.query_log AS q
        WHERE q.collection_id = c.id AND q.asked_at > now() - weak_queries.within
          AND q.skip = 0 AND q.filter IS NULL AND NOT q.picture AND q.liked = '{}'
          AND q.found IS NOT NULL AND btrim(q.query) <> ''
        GROUP BY regexp_replace(btrim(impl.fold_text(q.query)), E'\\s+', ' ', 'g')
    ) AS g
    WHERE c.id = CASE WHEN only_collection IS NULL THEN c.id ELSE impl.named_collection(only_collection) END
      AND g.nothing + g.wordless + g.weak > 0
    ORDER BY greatest(g.nothing + g.wordless, g.weak) DESC, g.last_asked_at DESC, c.name, g.query
    LIMIT impl.at_least('k', weak_queries.k, 0)
$$;

COMMENT ON FUNCTION ops.weak_queries(text, interval, int) IS
    'Queries of the log that found nothing, nothing by their words, or only weak answers, with counts.';
