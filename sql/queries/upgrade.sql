-- Statements of the upgrade of a database.

-- name: vector_schema
SELECT n.nspname FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'vector'

-- name: see_vector_schema
-- Lets unqualified names mean pgvector's, until the transaction ends.
SELECT set_config('search_path', quote_ident(n.nspname), true)
FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'vector'

-- name: applied
-- Files that were applied and whose object is still there.
SELECT o.path, o.sha256 FROM ops.sql_object AS o
WHERE o.kind = 'script'
   OR EXISTS (SELECT FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
              WHERE n.nspname || '.' || p.proname = o.object)
   OR EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
              WHERE c.relkind = 'v' AND n.nspname || '.' || c.relname = o.object)

-- name: record
INSERT INTO ops.sql_object (path, object, kind, sha256) VALUES (%s, %s, %s, %s)
ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()

-- name: live_indexes
-- Lexical indexes in force.
SELECT x.id FROM core.lexical_index AS x WHERE x.status = 'live' ORDER BY x.id

-- name: relations
-- Tables of ours with what an upgrade changes in them: the file (another one after a rewrite), indexes, and
-- constraints that were checked against every row; with bytes and rows by the statistics.
SELECT n.nspname || '.' || c.relname AS name, c.oid::bigint AS oid, c.relfilenode::bigint AS file,
       pg_table_size(c.oid) AS bytes, greatest(c.reltuples, 0)::bigint AS rows,
       ARRAY(SELECT i.indexrelid::bigint FROM pg_index AS i WHERE i.indrelid = c.oid) AS indexes,
       ARRAY(SELECT k.oid::bigint FROM pg_constraint AS k
             WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f') AND k.convalidated) AS checks
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('core', 'ops', 'eval', 'jobs', 'sweep')
    AND c.relpersistence = 'p'

-- name: locks
-- Locks of tables that this session holds.
SELECT l.relation::bigint AS oid, l.mode FROM pg_locks AS l
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted

-- name: in_the_way
-- Sessions that would make an upgrade give way now: in a transaction for more than a second, with a table of
-- ours.
SELECT a.pid, coalesce(a.application_name, '') AS program,
       extract(epoch FROM now() - a.xact_start)::float8 AS seconds
FROM pg_stat_activity AS a
WHERE a.xact_start < now() - interval '1 second' AND a.pid <> pg_backend_pid()
  AND a.datname = current_database()
  AND EXISTS (SELECT FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
              JOIN pg_namespace AS n ON n.oid = c.relnamespace
              WHERE l.pid = a.pid AND l.granted AND n.nspname IN ('core', 'ops', 'eval', 'jobs'))
ORDER BY a.xact_start
