-- Renews the queries that a collection suggests, from the query log: those that found something by words or
-- numbers at least 3 times, for two keys or on two days, so that what one person asked is not shown to
-- others. Returns their number. Run by maintenance; what has expired from the log goes. Those of a collection
-- on shards stay as they are while a shard does not answer, NULL.
--   SELECT impl.suggest_queries(1);
CREATE OR REPLACE FUNCTION impl.suggest_queries(cid int)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET seogo.without = ''
AS $$
DECLARE
    shown_n CONSTANT int := 10;  -- items of a query
    suggested bigint;
BEGIN
    WITH asked AS MATERIALIZED (
        SELECT btrim(regexp_replace(impl.spaced(q.query), ' +', ' ', 'g')) AS text,
               q.asked_at, q.key_id, q.hits
        FROM ops.query_log AS q JOIN core.collection AS c ON c.id = q.collection_id AND c.suggest_queries
        WHERE q.collection_id = cid AND length(q.query) BETWEEN 2 AND 80 AND q.skip = 0
          AND EXISTS (SELECT FROM jsonb_array_elements(q.legs) AS l, jsonb_array_elements(q.hits) AS h
                      WHERE l ->> 'kind' IN ('lexical', 'identifier')
                        AND h -> 'legs' ? coalesce(l ->> 'name', l ->> 'kind'))
    ),
    wanted AS MATERIALIZED (
        SELECT a.text, left(impl.completion_key(a.text), 60) AS key, count(*) AS n,
               (array_agg(a.hits ORDER BY a.asked_at DESC))[1] AS hits
        FROM asked AS a GROUP BY a.text
        HAVING count(*) >= 3 AND count(DISTINCT coalesce(a.key_id::text, a.asked_at::date::text)) >= 2
    ),
    shown AS MATERIALIZED (
        SELECT i.id, i.external_id FROM impl.named_items(cid, ARRAY(
            SELECT DISTINCT h ->> 'external_id'
            FROM wanted AS w CROSS JOIN LATERAL jsonb_array_elements(w.hits) AS h)) AS i
    ),
    gone AS (
        DELETE FROM core.completion AS c WHERE c.collection_id = cid AND c.source = 'q' AND NOT EXISTS (
            SELECT FROM wanted AS w WHERE w.key = c.key AND w.text = c.text)
    ),
    put AS (
        INSERT INTO core.completion AS c (collection_id, source, key, text, batch, n, class, initials, items)
        SELECT cid, 'q', w.key, w.text, 0, w.n, impl.frequency_class(w.n),
               CASE WHEN w.text COLLATE "C" ~ '[가-힣]'
                    THEN left(replace(impl.initials(w.text), ' ', ''), 40) END,
               ARRAY(SELECT i.id FROM jsonb_array_elements(w.hits) AS h
                     JOIN shown AS i ON i.external_id = h ->> 'external_id'
                     ORDER BY (h -> 'rank')::int, i.id LIMIT shown_n)
        FROM wanted AS w WHERE w.key <> ''
        ON CONFLICT (collection_id, source, key, text, batch) DO UPDATE
            SET n = excluded.n, class = excluded.class, items = excluded.items
        RETURNING 1
    )
    SELECT count(*) INTO suggested FROM put;
    RETURN suggested;
EXCEPTION WHEN SQLSTATE 'SG005' THEN
    RETURN NULL;
END $$;

COMMENT ON FUNCTION impl.suggest_queries(int) IS
    'Renews the queries that a collection suggests, from the query log; returns their number.';
