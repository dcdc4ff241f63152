-- Writes that somebody opened an item after asking a query; keep: how long the row stays. An error where the
-- collection has no such item.
--   SELECT ops.log_click('parts', 'vacuum pump', 'P0001', 2, '30 days');
CREATE OR REPLACE FUNCTION ops.log_click(
    collection text, query text, external_id text, rank int, keep interval, key_id int DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_item(log_click.collection, log_click.external_id);
    INSERT INTO ops.query_click (expires_at, key_id, item_id, query, rank)
    SELECT now() + log_click.keep, (SELECT a.id FROM ops.api_key AS a WHERE a.id = log_click.key_id),
           i.id, log_click.query, log_click.rank
    FROM core.item AS i
    WHERE i.collection_id = impl.collection_id(log_click.collection)
      AND i.external_id = log_click.external_id;
END $$;

COMMENT ON FUNCTION ops.log_click(text, text, text, int, interval, int) IS
    'Writes that somebody opened an item after asking a query.';
