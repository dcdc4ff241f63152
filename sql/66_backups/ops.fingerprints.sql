-- Fingerprints of the database, to verify a copy of it: rows and a hash of them per table, items per
-- collection, and the definitions of functions, indexes, triggers and constraints. Ordered by kind and name.
-- Hashes are sums of MD5 modulo 2^64, so that the order of rows does not matter: against accidents, not
-- against forgers. It reads everything; run in a transaction of one snapshot (REPEATABLE READ), figures are
-- of the same moment.
--   SELECT kind, name, n, hash FROM ops.fingerprints();
CREATE OR REPLACE FUNCTION ops.fingerprints()
RETURNS TABLE (kind text, name text, n bigint, hash text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres' SET timezone = 'UTC'
SET bytea_output = 'hex' SET extra_float_digits = 1
SET row_security = off
AS $$
DECLARE
    -- Of a text: 64 bits of its MD5 as a number, whose sums may be compared whatever the order.
    total CONSTANT text := $sum$count(*),
    to_hex((coalesce(sum(('x' || left(md5(%s), 16))::bit(64)::bigint::numeric),
                     0) %% 9223372036854775807)::bigint)$sum$;
    relation record;
BEGIN
    FOR relation IN
        SELECT s.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
        WHERE s.nspname IN ('core', 'ops', 'eval', 'jobs') AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
          AND c.relpersistence = 'p'
        ORDER BY 1, 2
    LOOP
        kind := 'table';
        name := relation.nspname || '.' || relation.relname;
        EXECUTE format('SELECT ' || total || ' FROM %I.%I AS t', 't::text', relation.nspname,
                       relation.relname) INTO n, hash;
        RETURN NEXT;
    END LOOP;
    FOR relation IN SELECT c.id, c.name FROM core.collection AS c ORDER BY c.name COLLATE "C" LOOP
        kind := 'collection';
        name := relation.name;
        EXECUTE format('SELECT ' || total || ' FROM core.item AS i WHERE i.collection_id = $1',
                       'i.external_id || E''\n'' || i.content_hash')
        INTO n, hash USING relation.id;
        RETURN NEXT;
    END LOOP;
    FOR kind, name, n, hash IN EXECUTE format(
        'SELECT ''schema'', d.what, ' || total || ' FROM impl.definitions() AS d'
        ' GROUP BY d.what ORDER BY d.what', 'd.definition')
    LOOP
        RETURN NEXT;
    END LOOP;
END $$;

COMMENT ON FUNCTION ops.fingerprints() IS
    'Fingerprints to verify a copy of the database: rows and their hash per table, items per collection, '
    'definitions per kind of object.';
