-- On a shard: keeps prompts of captioners as its coordinator has them, versions included. Returns how many
-- were new.
--   SELECT ops.take_prompts('[]');
CREATE OR REPLACE FUNCTION ops.take_prompts(prompts jsonb)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    WITH put AS (
        INSERT INTO core.caption_prompt (name, version, text, max_tokens)
        SELECT p.name, p.version, p.text, p.max_tokens
        FROM jsonb_populate_recordset(NULL::core.caption_prompt, take_prompts.prompts) AS p
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT count(*) FROM put
$$;

COMMENT ON FUNCTION ops.take_prompts(jsonb) IS 'Keeps prompts of captioners as a coordinator has them.';
