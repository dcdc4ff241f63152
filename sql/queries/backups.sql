-- Statements of backups and of restoring them.

-- name: server
SELECT current_database() AS database, current_setting('server_version') AS postgresql,
       current_setting('server_version_num')::int / 10000 AS postgresql_major,
       (SELECT extversion FROM pg_extension WHERE extname = 'vector') AS pgvector,
       pg_database_size(current_database()) AS size

-- name: point
SELECT clock_timestamp() AS taken_at, pg_current_wal_lsn()::text AS lsn

-- name: spaces
SELECT s.name AS space, s.generation, s.status, s.encoder, s.identity, s.dim FROM ops.space AS s
ORDER BY s.name, s.generation

-- name: index_builds
SELECT coalesce(p.index_relid::regclass::text, '') AS index, p.phase,
       greatest(p.blocks_done, p.tuples_done) AS done, greatest(p.blocks_total, p.tuples_total) AS total
FROM pg_stat_progress_create_index AS p WHERE p.datname = current_database() ORDER BY 1

-- name: granted_roles
WITH acls AS (
    SELECT c.relowner AS owner, c.relacl AS acl FROM pg_class AS c
    UNION ALL SELECT p.proowner, p.proacl FROM pg_proc AS p
    UNION ALL SELECT s.nspowner, s.nspacl FROM pg_namespace AS s
        WHERE s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
)
SELECT DISTINCT r.rolname AS name
FROM acls AS a CROSS JOIN aclexplode(a.acl) AS g JOIN pg_roles AS r ON r.oid = g.grantee
WHERE g.grantee <> a.owner AND r.rolname !~ '^pg_' ORDER BY 1

-- name: missing_roles
SELECT w.name FROM unnest(%(names)s::text[]) AS w(name)
WHERE w.name NOT IN ('seogo_reader', 'seogo_writer', 'seogo_admin')
  AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = w.name)
ORDER BY w.name

-- name: send_away
-- Sessions without a role are background workers of the server; ALTER DATABASE … RENAME ends them itself.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = ANY (%(names)s) AND pid <> pg_backend_pid() AND usesysid IS NOT NULL

-- name: renamable
-- Conditions for this role to rename the databases, whoever is connected to them.
SELECT w.name, d.oid IS NOT NULL AS there, coalesce(d.datallowconn, false) AS open,
       coalesce(pg_has_role(d.datdba, 'USAGE'), false) AS owned, me.rolcreatedb OR me.rolsuper AS may_create,
       (SELECT count(*)::int FROM pg_prepared_xacts AS x WHERE x.database = w.name) AS prepared,
       (SELECT count(*)::int FROM pg_stat_activity AS a JOIN pg_roles AS r ON r.oid = a.usesysid
        WHERE a.datname = w.name AND a.pid <> pg_backend_pid() AND NOT me.rolsuper
          AND (r.rolsuper OR NOT (pg_has_role(r.oid, 'USAGE')
                                  OR pg_has_role('pg_signal_backend', 'USAGE')))) AS out_of_reach
FROM unnest(%(names)s::text[]) WITH ORDINALITY AS w(name, nr)
JOIN pg_roles AS me ON me.rolname = current_user
LEFT JOIN pg_database AS d ON d.datname = w.name ORDER BY w.nr

-- name: create_statement
-- Collation of the current database; PostgreSQL 17 renamed the column of the provider's locale.
SELECT format(
    'CREATE DATABASE %%I TEMPLATE template0 ENCODING %%L LOCALE_PROVIDER %%s LC_COLLATE %%L LC_CTYPE %%L',
              %(name)s::text, pg_encoding_to_char(d.encoding),
              CASE d.datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, d.datcollate,
              d.datctype)
       || CASE d.datlocprovider
              WHEN 'b' THEN format(' BUILTIN_LOCALE %%L', to_jsonb(d) ->> 'datlocale')
              WHEN 'i' THEN format(' ICU_LOCALE %%L',
                                   coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))
              ELSE '' END
FROM pg_database AS d WHERE d.datname = current_database()

-- name: roles
DO $$
DECLARE role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['seogo_reader', 'seogo_writer', 'seogo_admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
    END LOOP;
END $$
