-- Live spaces in which an item that the caller may see has vectors, here or on a shard, by name.
--   SELECT s.name FROM impl.item_spaces(1) AS s;
CREATE OR REPLACE FUNCTION impl.item_spaces(item_id bigint)
RETURNS TABLE (name text)
LANGUAGE sql STABLE ROWS 2
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.name FROM ops.space AS s
    WHERE s.status = 'live' AND EXISTS (
        SELECT FROM core.embedding AS e JOIN search.items AS i ON i.item_id = e.item_id
        WHERE e.item_id = item_spaces.item_id AND e.space_id = s.id)
    UNION
    SELECT a ->> 'name' FROM impl.item_away('spaces', item_spaces.item_id) AS a
    ORDER BY name
$$;

COMMENT ON FUNCTION impl.item_spaces(bigint) IS
    'Live spaces in which an item has vectors, here or on a shard.';
