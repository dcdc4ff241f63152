-- Tokens of a query, those with synonyms as terms with parts (impl.term_parts): a document scores as if each
-- synonym in it stood there in the words that were typed. One that has the token itself counts for the
-- others.
--   SELECT impl.with_synonyms(impl.live_index('parts'), ARRAY['vacuum', 'pump']);
CREATE OR REPLACE FUNCTION impl.with_synonyms(x core.lexical_index, tokens text[])
RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF impl.outside('tokens') = to_jsonb(with_synonyms.tokens) THEN  -- the coordinator's, on a shard
        RETURN ARRAY(SELECT jsonb_array_elements_text(impl.outside('terms')));
    ELSIF NOT EXISTS (SELECT FROM core.synonym_term AS s
                   WHERE s.collection_id = x.collection_id AND s.analyzer = x.analyzer) THEN
        RETURN tokens;
    END IF;
    RETURN ARRAY(
        WITH typed AS MATERIALIZED (
            SELECT u.token, u.at FROM unnest(with_synonyms.tokens) WITH ORDINALITY AS u(token, at)
        ),
        met AS (
            SELECT p.at, s.alternative, max(s.weight) AS weight
            FROM typed AS t
            JOIN core.synonym_term AS s
                ON s.collection_id = x.collection_id AND s.analyzer = x.analyzer AND s.tokens[1] = t.token
                AND with_synonyms.tokens[t.at : t.at + cardinality(s.tokens) - 1] = s.tokens
            CROSS JOIN LATERAL generate_series(t.at, t.at + cardinality(s.tokens) - 1) AS p(at)
            WHERE with_synonyms.tokens[p.at] <> ALL (string_to_array(s.alternative, '  '))
            GROUP BY p.at, s.alternative
        )
        SELECT concat(E'\x1f1 ' || CASE WHEN count(m.at) > 0 THEN t.token END,
                      string_agg(E'\x1f' || m.weight || ' ' || m.alternative, '' ORDER BY m.alternative),
                      CASE WHEN count(m.at) = 0 THEN t.token END)
        FROM typed AS t LEFT JOIN met AS m ON m.at = t.at GROUP BY t.at, t.token ORDER BY t.at);
END $$;

COMMENT ON FUNCTION impl.with_synonyms(core.lexical_index, text[]) IS
    'Tokens of a query, those with synonyms as terms with parts.';
