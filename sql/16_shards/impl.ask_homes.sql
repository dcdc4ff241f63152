-- Answers of shards to a question about items of a collection by external_id: each shard is asked for the
-- names of its slots (`external_ids`), all at once; those without a name are not asked.
--   SELECT * FROM impl.ask_homes(impl.named_collection('parts'), '{P0002}', '{"do": "known"}');
CREATE OR REPLACE FUNCTION impl.ask_homes(cid int, names text[], request jsonb)
RETURNS TABLE (shard text, answer jsonb)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shards int[];
    requests jsonb[];
BEGIN
    SELECT array_agg(g.shard_id ORDER BY g.shard_id), array_agg(
               ask_homes.request || jsonb_build_object('collection', g.name, 'external_ids', g.names)
               ORDER BY g.shard_id)
    INTO shards, requests
    FROM (SELECT l.shard_id, c.name, jsonb_agg(u.name) AS names
          FROM unnest(ask_homes.names) AS u(name)
          JOIN core.collection AS c ON c.id = ask_homes.cid
          JOIN core.shard_slots AS l ON l.collection_id = c.id AND l.slots @> impl.shard_slot(u.name)
          WHERE l.shard_id = ANY (impl.shards_of(ask_homes.cid)) GROUP BY 1, 2) AS g;
    IF shards IS NOT NULL THEN
        RETURN QUERY SELECT a.shard, a.answer FROM impl.ask_shards(shards, requests) AS a;
    END IF;
END $$;

COMMENT ON FUNCTION impl.ask_homes(int, text[], jsonb) IS
    'Answers of shards to a question about items of a collection by external_id.';
