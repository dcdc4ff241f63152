-- Terms with parts of a query (impl.term_parts; synonyms), with their weight: idf times the frequency in the
-- query, for the largest document frequency of a part; that of several tokens in a row is taken to be the
-- rarest one's. As with one term of all parts (Lucene's SynonymQuery), an expansion neither doubles nor
-- dilutes.
--
-- A document with a part has the part's rarest token, its key, and a gain is concave in the frequency: so the
-- score is at most the sum over the keys of the weight of the term times the gain of the key. key_drifts are
-- weights over the idf of the key's vectors, NULL without vectors; docs have such a key.
--   SELECT * FROM impl.parted_terms((impl.live_index('parts')).id, ARRAY[E'\x1f1 pump\x1f1 펌프'], 100, false);
CREATE OR REPLACE FUNCTION impl.parted_terms(index_id int, terms text[], n_docs bigint, chunked boolean)
RETURNS TABLE (lexeme text, df bigint, weight float8, keys text[], key_drifts float8[], docs bigint[])
LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH part AS MATERIALIZED (
        SELECT q.term, q.n, row_number() OVER () AS no, string_to_array(p.tokens, '  ') AS tokens
        FROM (SELECT t.term, count(*) AS n FROM unnest(terms) AS t(term) GROUP BY t.term) AS q
        CROSS JOIN LATERAL impl.term_parts(q.term) AS p
    ),
    token AS MATERIALIZED (
        SELECT t.lexeme, t.df, t.weight / t.drift AS idf, t.docs
        FROM impl.bm25_terms(parted_terms.index_id, ARRAY(SELECT DISTINCT unnest(p.tokens) FROM part AS p),
                             n_docs, chunked) AS t
    ),
    -- None for a part with a token that no document has.
    met AS MATERIALIZED (
        SELECT p.term, p.n, k.* FROM part AS p
        CROSS JOIN LATERAL (
            SELECT t.lexeme AS key, t.df, t.idf, t.docs FROM unnest(p.tokens) AS u(token)
            LEFT JOIN token AS t ON t.lexeme = u.token COLLATE "C"
            ORDER BY t.df NULLS FIRST, t.lexeme LIMIT 1) AS k
        WHERE k.df IS NOT NULL
    )
    SELECT m.term COLLATE "C", max(m.df), i.weight, array_agg(m.key), array_agg(i.weight / m.idf),
           ARRAY(SELECT DISTINCT unnest(o.docs) FROM met AS o WHERE o.term = m.term)
    FROM (SELECT s.*, max(s.df) OVER (PARTITION BY s.term) AS df_max FROM met AS s) AS m
    CROSS JOIN LATERAL (SELECT m.n * ln(1 + (n_docs - m.df_max + 0.5) / (m.df_max + 0.5)) AS weight) AS i
    GROUP BY m.term, i.weight
$$;

COMMENT ON FUNCTION impl.parted_terms(int, text[], bigint, boolean) IS
    'Terms with parts of a query that occur in an index, with document frequency and weight.';
