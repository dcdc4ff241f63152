-- On a shard: which of some picture files it does not have, by sha256.
--   SELECT impl.lacking_pictures(ARRAY[encode(sha256(''), 'hex')]);
CREATE OR REPLACE FUNCTION impl.lacking_pictures(sha256s text[])
RETURNS text[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY(SELECT u.sha256 FROM (SELECT DISTINCT s FROM unnest(sha256s) AS s) AS u(sha256)
                 WHERE NOT EXISTS (SELECT FROM core.picture AS p WHERE p.sha256 = decode(u.sha256, 'hex'))
                 ORDER BY u.sha256 COLLATE "C")
$$;

COMMENT ON FUNCTION impl.lacking_pictures(text[]) IS 'Picture files, by sha256, that are not here.';
