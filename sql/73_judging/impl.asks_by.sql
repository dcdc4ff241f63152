-- True where a query of a set asks by a picture, for callers who see all collections: sets belong to none.
--   SELECT impl.asks_by(1);
CREATE OR REPLACE FUNCTION impl.asks_by(picture_id bigint)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(current_setting('seogo.collections', true), '') = ''
           AND EXISTS (SELECT FROM eval.query AS q WHERE q.picture_id = asks_by.picture_id)
$$;

COMMENT ON FUNCTION impl.asks_by(bigint) IS
    'True where a query of a set asks by a picture, for callers who see all collections.';
