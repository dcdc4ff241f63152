-- Makes the copies that a move is to fill on its targets, and there the live and building generations of the
-- spaces that the collection feeds, with the numbers that they have here.
--   SELECT impl.make_copies(impl.named_collection('parts'), 1);
CREATE OR REPLACE FUNCTION impl.make_copies(cid int, source int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    c CONSTANT core.collection := (SELECT o FROM core.collection AS o WHERE o.id = cid);
    targets CONSTANT int[] := ARRAY(SELECT m.target_id FROM core.shard_move AS m
        WHERE m.collection_id = cid AND m.source_id = source ORDER BY m.target_id);
    s ops.space;
BEGIN
    PERFORM ops.prompts_on_shards(targets);
    PERFORM impl.write_on_shards(targets, ARRAY(
        SELECT format('SELECT ops.home_part(%L, %L, %L::jsonb, %s, %L, %L)::text',
                      impl.copy_name(cid, source, m.joins), m.slots, impl.spread_settings(cid), source,
                      m.mover, CASE WHEN m.joins THEN c.name END)
        FROM core.shard_move AS m WHERE m.collection_id = cid AND m.source_id = source
        ORDER BY m.target_id));
    FOR s IN SELECT o.* FROM ops.space AS o WHERE c.vector_sources ? o.name AND o.status <> 'retired'
        ORDER BY o.name, o.generation LOOP
        PERFORM impl.home_space_on(targets, s);
    END LOOP;
END $$;

COMMENT ON FUNCTION impl.make_copies(int, int) IS 'Makes the copies that a move is to fill on its targets.';
