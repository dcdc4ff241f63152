-- Stores the looks of pictures, by which near-duplicates are told: [{"picture_id", "look": "[256 numbers]",
-- or null}], here or on shards. Pictures that are gone are passed over. Returns how many were stored.
--   SELECT ops.store_looks('[]');
CREATE OR REPLACE FUNCTION ops.store_looks(looks jsonb)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH put AS (
        INSERT INTO ops.picture_look (picture_id, look)
        SELECT p.id, g.look::pgvector.vector
        FROM jsonb_to_recordset(looks) AS g(picture_id bigint, look text)
        JOIN core.picture AS p ON p.id = g.picture_id
        ON CONFLICT (picture_id) DO UPDATE SET look = excluded.look RETURNING 1
    )
    SELECT count(*) + CASE WHEN EXISTS (SELECT FROM core.shard) AND EXISTS (
            SELECT FROM jsonb_array_elements(looks) AS g
            WHERE (g.value -> 'picture_id')::bigint >= impl.shard_span())
        THEN ops.looks_on_shards(looks) ELSE 0 END
    FROM put
$$;

COMMENT ON FUNCTION ops.store_looks(jsonb) IS 'Stores the looks of pictures; returns how many.';
