-- Synonyms of collections, a row per group. typed is empty where each word finds the others.
--   SELECT words, typed, weight FROM search.synonyms WHERE collection = 'parts';
CREATE OR REPLACE VIEW search.synonyms WITH (security_invoker = true) AS
SELECT g.id AS group_id, c.name AS collection, g.typed, g.words, g.weight::float8 AS weight
FROM core.synonym_group AS g JOIN core.collection AS c ON c.id = g.collection_id;

COMMENT ON VIEW search.synonyms IS 'Synonyms of collections, a row per group.';
