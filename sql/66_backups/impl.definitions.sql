-- Definitions of the schema, one row per object; names and owners of roles are left out, since these differ
-- between servers.
--   SELECT what, count(*) FROM impl.definitions() GROUP BY what;
CREATE OR REPLACE FUNCTION impl.definitions()
RETURNS TABLE (what text, definition text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH ours AS (SELECT s.oid, s.nspname FROM pg_namespace AS s
                  WHERE s.nspname IN ('core', 'search', 'impl', 'ops', 'eval', 'jobs'))
    SELECT 'functions', pg_get_functiondef(p.oid) FROM pg_proc AS p JOIN ours AS o ON o.oid = p.pronamespace
    UNION ALL
    SELECT 'views', o.nspname || '.' || c.relname || ': ' || pg_get_viewdef(c.oid)
    FROM pg_class AS c JOIN ours AS o ON o.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 'columns', o.nspname || '.' || c.relname || '.' || a.attname || ' '
        || format_type(a.atttypid, a.atttypmod) || a.attnotnull
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN ours AS o ON o.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    -- An index that is being built, or whose building failed, is not valid and does not serve.
    SELECT 'indexes', pg_get_indexdef(x.indexrelid)
    FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indexrelid JOIN ours AS o ON o.oid = c.relnamespace
    WHERE x.indisvalid
    UNION ALL
    SELECT 'triggers', pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
    FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid JOIN ours AS o ON o.oid = c.relnamespace
    WHERE NOT g.tgisinternal
    UNION ALL
    SELECT 'constraints', k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    FROM pg_constraint AS k JOIN ours AS o ON o.oid = k.connamespace WHERE k.contype <> 'n'
    UNION ALL
    SELECT 'policies', y.polrelid::regclass || ' ' || y.polname || ' '
        || coalesce(pg_get_expr(y.polqual, y.polrelid), '')
    FROM pg_policy AS y JOIN pg_class AS c ON c.oid = y.polrelid JOIN ours AS o ON o.oid = c.relnamespace
$$;

COMMENT ON FUNCTION impl.definitions() IS 'Definitions of the schema, one row per object.';
