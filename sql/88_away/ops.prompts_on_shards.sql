-- Sends the prompts of captioners to some shards, all where it is NULL: their workers caption by them.
--   SELECT ops.prompts_on_shards(NULL);
CREATE OR REPLACE FUNCTION ops.prompts_on_shards(shard_ids int[])
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away CONSTANT int[] := coalesce(shard_ids, ARRAY(SELECT s.id FROM core.shard AS s ORDER BY s.id));
BEGIN
    IF away <> '{}' THEN
        PERFORM impl.write_on_shards(away, ARRAY[format('SELECT ops.take_prompts(%L::jsonb)::text', (
            SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.name, p.version), '[]')
            FROM core.caption_prompt AS p))]);
    END IF;
END $$;

COMMENT ON FUNCTION ops.prompts_on_shards(int[]) IS 'Sends the prompts of captioners to shards.';
