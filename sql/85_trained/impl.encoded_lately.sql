-- Items that are here and were encoded for a generation of a space lately, per second: of the last five
-- minutes, or since the first vector of these.
--   SELECT impl.encoded_lately(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.encoded_lately(building ops.space)
RETURNS float8
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(count(DISTINCT e.item_id) / nullif(extract(epoch FROM now() - min(e.encoded_at)), 0), 0)
    FROM core.embedding AS e
    WHERE e.space_id = (building).id AND e.encoded_at > now() - interval '5 minutes'
$$;

COMMENT ON FUNCTION impl.encoded_lately(ops.space) IS
    'Items that were encoded for a generation of a space lately, per second.';
