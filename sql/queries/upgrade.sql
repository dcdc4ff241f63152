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
