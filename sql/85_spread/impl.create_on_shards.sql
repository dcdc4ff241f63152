-- Creates a generation of a space that was made here on the shards of the collections that feed it, where
-- they do not have it, with the same settings and number; SG004 where one has another.
--   SELECT impl.create_on_shards((impl.live_space('text')).id);
CREATE OR REPLACE FUNCTION impl.create_on_shards(space_id int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    s CONSTANT ops.space := (SELECT o FROM ops.space AS o WHERE o.id = space_id);
    away CONSTANT int[] := impl.space_shards(s.name);
    wrong text;
BEGIN
    IF away = '{}' THEN
        RETURN;
    END IF;
    SELECT string_agg(w.shard, ', ') INTO wrong
    FROM impl.write_on_shards(away, ARRAY[format('SELECT ops.home_space(%L::jsonb)::text', to_jsonb(s))]) AS w
    WHERE w.answer IS DISTINCT FROM s.generation::text;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'space % has generation % here, and another on %', s.name, s.generation, wrong
            USING ERRCODE = 'SG004', HINT = 'See `seogo shard doctor`.';
    END IF;
END $$;

COMMENT ON FUNCTION impl.create_on_shards(int) IS
    'Creates a generation of a space on the shards of the collections that feed it.';
