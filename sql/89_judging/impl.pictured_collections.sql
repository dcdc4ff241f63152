-- Collections whose items, here or on their shards, have pictures, by name: those that are to be judged here.
-- Parts of a coordinator's collections are judged by it.
--   SELECT c FROM impl.pictured_collections() AS c;
CREATE OR REPLACE FUNCTION impl.pictured_collections()
RETURNS SETOF text
LANGUAGE sql STABLE ROWS 5
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name FROM core.collection AS c
    WHERE (EXISTS (SELECT FROM core.shard) AND NOT impl.is_spread(c.id)
           OR NOT EXISTS (SELECT FROM core.shard_home AS h WHERE h.collection_id = c.id))
      AND EXISTS (SELECT FROM core.item AS i JOIN core.media AS m ON m.item_id = i.id
                  WHERE i.collection_id = c.id AND m.picture_id IS NOT NULL)
    UNION
    SELECT c.name
    FROM impl.ask_reachable(ARRAY(SELECT DISTINCT l.shard_id FROM core.shard_slots AS l ORDER BY 1),
                            '{"do": "contradictions"}') AS a
    CROSS JOIN LATERAL jsonb_array_elements_text(a.answer -> 'pictured') AS p(name)
    JOIN core.collection AS c ON c.name = p.name AND impl.is_spread(c.id)
    ORDER BY 1
$$;

COMMENT ON FUNCTION impl.pictured_collections() IS
    'Collections whose items, here or on their shards, have pictures.';
