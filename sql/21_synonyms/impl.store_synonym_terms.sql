-- Writes a group of synonyms as tokens, for every analyzer that an index of the collection has.
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
    CROSS JOIN LATERAL (SELECT search.analyze(a.analyzer, u.typed) AS tokens OFFSET 0) AS f
    CROSS JOIN LATERAL (SELECT search.analyze(a.analyzer, w.word) AS tokens OFFSET 0) AS o
    WHERE g.id = store_synonym_terms.group_id
      AND f.tokens <> o.tokens AND f.tokens <> '{}' AND o.tokens <> '{}'
$$;

COMMENT ON FUNCTION impl.store_synonym_terms(bigint) IS 'Writes a group of synonyms as tokens.';
