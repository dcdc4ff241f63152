-- Disk that the database takes, by what it is for, in bytes with indexes; `database` is all of it, with what
-- belongs to no part. The largest first.
--   SELECT part, pg_size_pretty(bytes) FROM search.disk;
CREATE OR REPLACE VIEW search.disk WITH (security_invoker = true) AS
WITH part AS (
    SELECT CASE
               WHEN c.relname ~ '^(picture|media|analysis_image|batch_picture)(_|$)' THEN 'pictures'
               WHEN c.relname ~ '^(embedding|chunk|summary|patch)(_|$)' THEN 'vectors'
               WHEN c.relname ~ '^(posting|segment|lex|word|vocabulary|title|completion|identifier)'
                   THEN 'words'
               WHEN c.relname ~ '^(query_log|query_click|query_vector|event|delivery|run_item_error)(_|$)'
                   THEN 'logs'
               WHEN n.nspname = 'eval' THEN 'evaluation'
               WHEN c.relname ~ '^item(_|$)' THEN 'items'
               ELSE 'other' END AS part,
           pg_table_size(c.oid) + pg_indexes_size(c.oid) AS bytes
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname IN ('core', 'ops', 'eval', 'jobs')
)
SELECT p.part, sum(p.bytes)::bigint AS bytes FROM part AS p GROUP BY p.part
UNION ALL SELECT 'database', pg_database_size(current_database())
ORDER BY bytes DESC, part;

COMMENT ON VIEW search.disk IS 'Disk that the database takes, by what it is for.';
