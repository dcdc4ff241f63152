-- Raises SG001 for an unknown name; its hint lists the existing names and the command that creates one.
--   SELECT impl.refuse_unknown('product', 'brackett', ARRAY['bracket'], 'seogo defects product');
CREATE OR REPLACE FUNCTION impl.refuse_unknown(kind text, name text, names text[], command text)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'unknown %: %', kind, coalesce(name, '(null)')
        USING ERRCODE = 'SG001',
              HINT = format('There are: %s. `%s` makes one.', coalesce(
                  (SELECT string_agg(n, ', ' ORDER BY n) FROM unnest(names) AS n), 'none yet'), command);
END $$;

COMMENT ON FUNCTION impl.refuse_unknown(text, text, text[], text) IS
    'Raises SG001 for an unknown name and lists the existing ones.';
