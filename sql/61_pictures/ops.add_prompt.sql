-- Adds a version of a prompt for captioners, used from the next picture on; the same text again does nothing.
-- Returns the version in use. Shards are told, and caption by it, too. Pictures captioned before keep their
-- captions until ops.read_again.
--   SELECT ops.add_prompt('valves', 'Describe the valve: type, ports,
--       seat material. Known already: {metadata}.', 64);
CREATE OR REPLACE FUNCTION ops.add_prompt(name text, text text, max_tokens int DEFAULT 96)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    latest core.caption_prompt;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('seogo prompt ' || name, 0));
    SELECT p.* INTO latest FROM core.caption_prompt AS p WHERE p.name = add_prompt.name
    ORDER BY p.version DESC LIMIT 1;
    IF (latest.text, latest.max_tokens) IS DISTINCT FROM (add_prompt.text, add_prompt.max_tokens) THEN
        INSERT INTO core.caption_prompt (name, version, text, max_tokens)
        VALUES (name, coalesce(latest.version, 0) + 1, text, max_tokens) RETURNING * INTO latest;
        PERFORM ops.prompts_on_shards(NULL);
    END IF;
    RETURN latest.version;
END $$;

COMMENT ON FUNCTION ops.add_prompt(text, text, int) IS
    'Adds a version of a prompt for captioners and returns its number.';
