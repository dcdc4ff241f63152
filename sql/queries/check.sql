-- Statements of the checks that `seogo db check` and `seogo doctor` make.

-- name: position
-- Bytes of write-ahead log that the server has written, or replayed.
SELECT pg_is_in_recovery() AS replica,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END
        - '0/0')::bigint AS position

-- name: facts
-- Settings in bytes or seconds where they are sizes or times.
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS version_num,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS pgvector_available,
       EXISTS (SELECT FROM pg_available_extensions WHERE name = 'dblink') AS dblink,
       coalesce((SELECT l.ssl FROM pg_stat_ssl AS l WHERE l.pid = pg_backend_pid()), false) AS encrypted,
       inet_server_addr() IS NULL AS local,
       pg_size_bytes(current_setting('shared_buffers')) AS shared_buffers,
       pg_size_bytes(current_setting('maintenance_work_mem')) AS maintenance_work_mem,
       pg_size_bytes(current_setting('work_mem')) AS work_mem,
       current_setting('max_connections')::int AS max_connections,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
       current_setting('random_page_cost')::float8 AS random_page_cost,
       current_setting('jit')::boolean AS jit, current_setting('fsync')::boolean AS fsync,
       current_setting('full_page_writes')::boolean AS full_page_writes,
       current_setting('autovacuum')::boolean AS autovacuum,
       current_setting('archive_mode') <> 'off' AS archived,
       current_setting('log_min_duration_statement')::int AS log_min_duration_ms,
       current_setting('log_parameter_max_length')::int AS log_parameter_bytes,
       lower('ÉΑМ') = 'éαм' AS folds_letters,
       pg_database_size(current_database()) AS database_size,
       coalesce((SELECT max(pg_relation_size(x.indexrelid)) FROM pg_index AS x
                 JOIN pg_class AS c ON c.oid = x.indexrelid
                 JOIN pg_am AS m ON m.oid = c.relam WHERE m.amname = 'hnsw'), 0) AS largest_hnsw

-- name: rights
SELECT current_user::text AS role, r.rolsuper AS superuser, r.rolcreatedb AS createdb,
       coalesce((SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.nspname = 'core'),
                false) AS owner,
       has_database_privilege(current_database(), 'CREATE') AS may_create,
       ARRAY(SELECT w.name FROM unnest(ARRAY['seogo_reader', 'seogo_writer', 'seogo_admin']) AS w(name)
             WHERE NOT EXISTS (SELECT FROM pg_roles AS g WHERE g.rolname = w.name)) AS missing_roles,
       ARRAY(SELECT g.rolname::text FROM pg_roles AS g
             WHERE g.rolname IN ('seogo_reader', 'seogo_writer', 'seogo_admin')
             AND NOT pg_has_role(g.oid, 'MEMBER')) AS not_ours
FROM pg_roles AS r WHERE r.rolname = current_user

-- name: unindexed
-- Items that are missing or outdated in the lexical index of their collection.
SELECT c.name AS collection, count(*) AS items
FROM core.lexical_index AS x JOIN core.collection AS c ON c.id = x.collection_id
CROSS JOIN LATERAL impl.lexical_stale(x.id) AS s
WHERE x.status = 'live' GROUP BY c.name ORDER BY c.name

-- name: uncounted
-- Collections of whose items more than a twentieth are not in the counts that corrections go by.
SELECT c.name AS collection, s.missing AS items
FROM core.lexical_index AS x JOIN core.collection AS c ON c.id = x.collection_id
CROSS JOIN LATERAL impl.uncounted_items(c.id) AS s
WHERE x.status = 'live' AND 20 * s.missing > s.items ORDER BY c.name

-- name: invalid_indexes
-- An interrupted build leaves an index that costs time on writes and is not used.
SELECT x.indexrelid::regclass::text AS name FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid
JOIN pg_namespace AS s ON s.oid = c.relnamespace
WHERE NOT x.indisvalid AND s.nspname IN ('core', 'ops', 'eval') AND c.relkind = 'i'
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = x.indexrelid)
      ORDER BY 1

-- name: followers
SELECT coalesce(nullif(a.application_name, ''), a.client_addr::text, 'replica') AS name, a.state,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), a.replay_lsn), 0)::bigint AS behind_bytes
FROM pg_stat_replication AS a WHERE NOT pg_is_in_recovery() AND a.state IN ('streaming', 'catchup') ORDER BY 1

-- name: workers
SELECT cardinality(impl.live_workers()) AS n
