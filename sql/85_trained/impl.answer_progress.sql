-- Progress of a generation of a space on a shard: items of its parts of collections that wait to be encoded
-- (waiting), that could not be (failed), sessions of workers, items encoded per second lately (rate), whether
-- its index is there (indexed), and whether it must be built before a switch (index_waits).
--   SELECT impl.answer_progress('{"space": "text@1"}');
CREATE OR REPLACE FUNCTION impl.answer_progress(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    building CONSTANT ops.space := impl.live_space(request ->> 'space');
BEGIN
    RETURN (
        SELECT jsonb_build_object('waiting', count(*) FILTER (WHERE o.error IS NULL),
                                  'failed', count(*) FILTER (WHERE o.error IS NOT NULL),
                                  'workers', cardinality(impl.live_workers()),
                                  'rate', impl.encoded_lately(building),
                                  'index_waits', impl.index_waits(building), 'indexed', (
                                      SELECT s.indexed FROM search.spaces AS s
                                      WHERE s.space_id = building.id))
        FROM ops.outbox AS o JOIN core.item AS i ON i.id = o.item_id
        WHERE o.space_id = building.id AND NOT impl.is_hidden(i.collection_id));
END $$;

COMMENT ON FUNCTION impl.answer_progress(jsonb) IS 'Progress of a generation of a space on a shard.';
