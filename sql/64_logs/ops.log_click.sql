-- Writes that somebody opened an item after asking a query; keep: how long the row stays. query NULL: its
-- text is not to be kept. visit: a random name of 8 to 64 letters, digits and -, by which ops.note_dwell
-- tells how long it lasted; told again, the first stays. An error where the collection has no such item.
-- Clicks are where the query log is, also of items that are on shards.
--   SELECT ops.log_click('parts', 'vacuum pump', 'P0001', 2, '30 days');
CREATE OR REPLACE FUNCTION ops.log_click(
    collection text,
    query text,
    external_id text,
    rank int,
    keep interval,
    key_id int DEFAULT NULL,
    visit text DEFAULT NULL,
    dwell_ms int DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(log_click.collection);
    opened CONSTANT bigint := (SELECT k.item_id
                               FROM impl.known_items(cid, ARRAY[log_click.external_id]) AS k);
BEGIN
    IF opened IS NULL THEN
        PERFORM impl.check_item(log_click.collection, log_click.external_id);
    END IF;
    INSERT INTO ops.query_click (expires_at, key_id, collection_id, item_id, external_id, query, rank, visit,
                                 dwell_ms)
    SELECT now() + log_click.keep, (SELECT a.id FROM ops.api_key AS a WHERE a.id = log_click.key_id),
           cid, opened, log_click.external_id, log_click.query, log_click.rank, log_click.visit,
           log_click.dwell_ms
    ON CONFLICT DO NOTHING;
END $$;

COMMENT ON FUNCTION ops.log_click(text, text, text, int, interval, int, text, int) IS
    'Writes that somebody opened an item after asking a query.';
