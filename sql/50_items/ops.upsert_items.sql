-- Inserts or updates items by external_id: [{"external_id", "fields", "metadata"}, …]. An unchanged item is
-- left alone. An external_id may occur only once in a batch. Those of a sharded collection go to their
-- shards: all of them are written or none, and they are committed there, whatever becomes of the caller's
-- transaction.
--   SELECT * FROM ops.upsert_items('parts', '[{"external_id": "P1", "fields": {"title": "pump"}}]');
CREATE OR REPLACE FUNCTION ops.upsert_items(collection text, items jsonb)
RETURNS TABLE (external_id text, item_id bigint, action text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    cid int := impl.named_collection(collection);
BEGIN
    IF impl.is_spread(cid) THEN
        RETURN QUERY SELECT u.* FROM ops.upsert_on_shards(cid, items) AS u;
        RETURN;
    END IF;
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT g.external_id, coalesce(g.fields, '{}') AS fields, coalesce(g.metadata, '{}') AS metadata
        FROM jsonb_to_recordset(items) AS g(external_id text, fields jsonb, metadata jsonb)
    ),
    written AS (
        INSERT INTO core.item AS i (collection_id, external_id, fields, metadata)
        -- In one order, so that two batches that meet wait for, not on, each other.
        SELECT cid, g.external_id, g.fields, g.metadata FROM given AS g ORDER BY g.external_id
        ON CONFLICT (collection_id, external_id) DO UPDATE
            SET fields = excluded.fields, metadata = excluded.metadata
            WHERE i.fields <> excluded.fields OR i.metadata <> excluded.metadata
        RETURNING i.external_id, i.id, (xmax = 0) AS inserted
    )
    SELECT g.external_id, coalesce(w.id, i.id),
           CASE WHEN w.inserted THEN 'inserted' WHEN w.id IS NOT NULL THEN 'updated' ELSE 'unchanged' END
    FROM given AS g
    LEFT JOIN written AS w ON w.external_id = g.external_id
    LEFT JOIN core.item AS i ON i.collection_id = cid AND i.external_id = g.external_id;
END $$;

COMMENT ON FUNCTION ops.upsert_items(text, jsonb) IS
    'Inserts or updates items by external_id; returns per item its id and inserted, updated or unchanged.';
