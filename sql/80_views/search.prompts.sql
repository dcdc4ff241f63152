-- Prompts of captioners in their current version.
--   SELECT prompt, version, text FROM search.prompts;
CREATE OR REPLACE VIEW search.prompts WITH (security_invoker = true) AS
SELECT DISTINCT ON (p.name) p.name AS prompt, p.version, p.text, p.max_tokens, p.created_at,
       (SELECT count(*) FROM core.caption AS c WHERE c.prompt = p.name || '@' || p.version) AS captions
FROM core.caption_prompt AS p
ORDER BY p.name, p.version DESC;

COMMENT ON VIEW search.prompts IS
    'Prompts of captioners in their current version, and how many captions each made.';
