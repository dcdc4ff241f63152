-- Stores the looks of pictures, by which near-duplicates are told: [{"picture_id", "look": "[256 numbers]",
-- or null}]. Pictures that are gone are passed over. Returns how many were stored.
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
    SELECT count(*) FROM put
$$;

COMMENT ON FUNCTION ops.store_looks(jsonb) IS 'Stores the looks of pictures; returns how many.';
