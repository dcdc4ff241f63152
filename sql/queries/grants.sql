-- Grants that break the rules of our roles and functions; no row where all is well.

-- name: dangers
-- `who` may do `what`; `undo` is the statement that takes it back. PUBLIC is everybody.
WITH ours AS (
    SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace AS n
    WHERE n.nspname IN ('core', 'search', 'impl', 'ops', 'eval', 'jobs', 'sweep')
),
roles AS (
    SELECT r.* FROM pg_roles AS r WHERE r.rolname IN ('seogo_reader', 'seogo_writer', 'seogo_admin')
),
people AS (
    -- Everybody (0), and who is in our roles: 1 reads, 2 writes, 3 administers; not those who may do
    -- everything anyway.
    SELECT 0::oid AS oid, 'PUBLIC' AS name, 0 AS level
    UNION ALL
    SELECT r.oid, quote_ident(r.rolname),
           max(CASE g.rolname WHEN 'seogo_reader' THEN 1 WHEN 'seogo_writer' THEN 2 ELSE 3 END)
    FROM pg_roles AS r JOIN roles AS g ON pg_has_role(r.oid, g.oid, 'MEMBER')
    WHERE NOT r.rolsuper AND NOT pg_has_role(r.oid,
                                             (SELECT o.nspowner FROM ours AS o WHERE o.nspname = 'core'),
                                             'USAGE')
    GROUP BY r.oid, r.rolname
),
danger AS (
    SELECT 1 AS at, p.name AS who,
           format('create in schema %%I, in which programs look for functions', n.nspname) AS what,
           format('REVOKE CREATE ON SCHEMA %%I FROM %%s', n.nspname, p.name) AS undo
    FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a
    JOIN people AS p ON p.oid = a.grantee
    WHERE a.privilege_type = 'CREATE' AND (n.nspname = 'public' OR n.oid IN (SELECT o.oid FROM ours AS o))
      AND a.grantee <> n.nspowner
    UNION ALL
    SELECT 2, p.name, format('%%s %%s', lower(a.privilege_type), c.oid::regclass),
           format('REVOKE %%s ON %%s FROM %%s', a.privilege_type, c.oid::regclass, p.name)
    FROM pg_class AS c JOIN ours AS o ON o.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    JOIN people AS p ON p.oid = a.grantee
    WHERE a.grantee <> c.relowner AND c.relkind IN ('r', 'p', 'v', 'm') AND (
        -- A trigger on our table runs with the rights of whoever writes it: the owner's, in the end.
        a.privilege_type IN ('TRIGGER', 'REFERENCES')
        OR p.level < 3 AND (o.nspname, c.relname) IN (
            ('ops', 'api_key'), ('ops', 'query_log'), ('ops', 'query_click'), ('search', 'queries'),
            ('search', 'clicks'))
        OR p.level < 2 AND ((o.nspname, c.relname) = ('ops', 'query_vector')
                            OR a.privilege_type NOT IN ('SELECT', 'MAINTAIN'))
        OR p.level = 0)
    UNION ALL
    SELECT 3, p.name, format('execute %%s', f.oid::regproc),
           format('REVOKE EXECUTE ON FUNCTION %%s FROM %%s', f.oid::regprocedure, p.name)
    FROM pg_proc AS f JOIN ours AS o ON o.oid = f.pronamespace
    CROSS JOIN LATERAL aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a
    JOIN people AS p ON p.oid = a.grantee
    WHERE a.grantee <> f.proowner AND (
        f.prorettype = 'trigger'::regtype AND f.prosecdef
        OR o.nspname = 'ops' AND (p.level < 2
                                  OR p.level < 3 AND f.proname IN ('create_key', 'rotate_key', 'revoke_key',
                                      'check_key')))
    UNION ALL
    SELECT 4, quote_ident(r.rolname), d.what, format('ALTER ROLE %%I %%s', r.rolname, d.undo)
    FROM roles AS r CROSS JOIN LATERAL (VALUES
        (r.rolsuper, 'everything: it is a superuser', 'NOSUPERUSER'),
        (r.rolcreaterole, 'make roles', 'NOCREATEROLE'),
        (r.rolbypassrls, 'pass by row security', 'NOBYPASSRLS'),
        (r.rolreplication, 'copy the whole server', 'NOREPLICATION')) AS d(holds, what, undo)
    WHERE d.holds
    UNION ALL
    SELECT 5, quote_ident(r.rolname), format('act as %%I', m.rolname),
           format('REVOKE %%I FROM %%I', m.rolname, r.rolname)
    FROM roles AS r JOIN pg_auth_members AS g ON g.member = r.oid JOIN pg_roles AS m ON m.oid = g.roleid
    WHERE (r.rolname, m.rolname) NOT IN (('seogo_writer', 'seogo_reader'), ('seogo_admin', 'seogo_writer'),
                                         ('seogo_admin', 'seogo_reader'))
      AND (m.rolsuper OR starts_with(m.rolname, 'pg_') OR m.oid IN (SELECT w.oid FROM roles AS w)
           OR m.oid IN (SELECT o.nspowner FROM ours AS o))
    UNION ALL
    SELECT 6, 'keys for some collections', 'see all: row security is off on core.collection',
           'ALTER TABLE core.collection ENABLE ROW LEVEL SECURITY'
    FROM pg_class AS c WHERE c.oid = to_regclass('core.collection') AND NOT c.relrowsecurity
)
SELECT d.who, d.what, d.undo FROM danger AS d ORDER BY d.at, d.who, d.what
