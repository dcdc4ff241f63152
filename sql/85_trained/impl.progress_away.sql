-- Progress of a generation of a space on the shards of the collections that feed it, a row each: items that
-- wait to be encoded there, that could not be, sessions of workers, and whether its index waits to be built
-- (impl.index_waits).
--   SELECT shard, waiting, failed, workers FROM impl.progress_away(impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.progress_away(building ops.space)
RETURNS TABLE (shard text, waiting bigint, failed bigint, workers int, index_waits boolean)
LANGUAGE sql STABLE ROWS 3
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT a.shard, (a.answer -> 'waiting')::bigint, (a.answer -> 'failed')::bigint,
           (a.answer -> 'workers')::int, (a.answer -> 'index_waits')::boolean
    FROM impl.ask_shards(impl.space_shards((building).name), ARRAY[jsonb_build_object(
        'do', 'progress', 'space', (building).name || '@' || (building).generation)]) AS a
    ORDER BY a.shard
$$;

COMMENT ON FUNCTION impl.progress_away(ops.space) IS
    'Progress of a generation of a space on the shards of the collections that feed it.';
