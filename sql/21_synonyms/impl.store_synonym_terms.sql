-- Writes a group of synonyms as tokens, for every analyzer that an index of the collection has; Hangul with a
-- space also as people write it without (진공 펌프, 진공펌프).
--   SELECT impl.store_synonym_terms(1);
CREATE OR REPLACE FUNCTION impl.store_synonym_terms(group_id bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM core.synonym_term AS t WHERE t.group_id = store_synonym_terms.group_id;
    INSERT INTO core.synonym_term (group_id, collection_id, analyzer, tokens, alternative, weight)
    SELECT DISTINCT g.id, g.collection_id, a.analyzer, f.tokens, array_to_string(o.tokens, '  '), g.weight
    FROM core.synonym_group AS g
    CROSS JOIN LATERAL (SELECT DISTINCT x.analyzer FROM core.lexical_index AS x
                        WHERE x.collection_id = g.collection_id) AS a
    CROSS JOIN LATERAL unnest(CASE WHEN g.typed = '{}' THEN g.words ELSE g.typed END) AS u(typed)
    CROSS JOIN LATERAL unnest(g.words) AS w(word)
    CROSS JOIN LATERAL (SELECT u.typed AS text UNION
                        SELECT replace(u.typed, ' ', '') WHERE u.typed COLLATE "C" ~ '[가-힣] [가-힣]') AS t
    CROSS JOIN LATERAL (SELECT w.word AS text UNION
                        SELECT replace(w.word, ' ', '') WHERE w.word COLLATE "C" ~ '[가-힣] [가-힣]') AS c
    CROSS JOIN LATERAL (SELECT search.analyze(a.analyzer, t.text) AS tokens OFFSET 0) AS f
    CROSS JOIN LATERAL (SELECT search.analyze(a.analyzer, c.text) AS tokens OFFSET 0) AS o
    WHERE g.id = store_synonym_terms.group_id
      AND f.tokens <> o.tokens AND f.tokens <> '{}' AND o.tokens <> '{}'
$$;

COMMENT ON FUNCTION impl.store_synonym_terms(bigint) IS 'Writes a group of synonyms as tokens.';
