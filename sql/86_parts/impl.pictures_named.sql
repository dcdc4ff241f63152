-- Ids here of pictures by sha256, in their order; 0 for one that is not here. NULL for NULL.
--   SELECT impl.pictures_named(ARRAY[encode(sha256(''), 'hex')]);
CREATE OR REPLACE FUNCTION impl.pictures_named(sha256s text[])
RETURNS bigint[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN sha256s IS NOT NULL THEN ARRAY(
        SELECT coalesce(p.id, 0) FROM unnest(sha256s) WITH ORDINALITY AS u(sha256, at)
        LEFT JOIN core.picture AS p ON p.sha256 = decode(u.sha256, 'hex') ORDER BY u.at) END
$$;

COMMENT ON FUNCTION impl.pictures_named(text[]) IS 'Ids here of pictures by sha256; 0: not here.';
