-- Creates a generation of a space that was made here on some shards, where they do not have it, with the same
-- settings and number; SG004 where one has another.
--   SELECT impl.home_space_on('{1}', impl.live_space('text'));
CREATE OR REPLACE FUNCTION impl.home_space_on(shard_ids int[], space ops.space)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    wrong text;
BEGIN
    SELECT string_agg(w.shard, ', ') INTO wrong
    FROM impl.write_on_shards(shard_ids, ARRAY[format('SELECT ops.home_space(%L::jsonb)::text',
                                                      to_jsonb(space))]) AS w
    WHERE w.answer IS DISTINCT FROM space.generation::text;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'space % has generation % here, and another on %', space.name, space.generation, wrong
            USING ERRCODE = 'SG004', HINT = 'See `seogo shard doctor`.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.home_space_on(int[], ops.space) IS
    'Creates a generation of a space on shards.';
