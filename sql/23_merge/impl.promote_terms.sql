-- Gives vectors to lexemes that have become frequent, in all chunks of an index at once. The caller has the
-- right of impl.may_merge. Lexemes that have vectors are left alone.
-- Joined by hashing, as in impl.build_chunk.
--   SELECT impl.promote_terms(impl.live_index('parts'), ARRAY['pump']);
CREATE OR REPLACE FUNCTION impl.promote_terms(x core.lexical_index, lexemes text[])
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = 'force_custom_plan' SET enable_nestloop = off
SET work_mem = '128MB' SET extra_float_digits = 1
AS $$
    WITH word AS MATERIALIZED (
        SELECT DISTINCT w.lexeme COLLATE "C" AS lexeme FROM unnest(lexemes) AS w(lexeme)
        WHERE NOT EXISTS (SELECT FROM core.lexical_vector AS t
                          WHERE t.index_id = x.id AND t.lexeme = w.lexeme COLLATE "C")
    ),
    posting AS MATERIALIZED (
        SELECT w.lexeme, d.id, d.length, f.tf
        FROM word AS w
        CROSS JOIN LATERAL unnest(impl.documents_with(x.id, ARRAY[w.lexeme])) AS r(id)
        CROSS JOIN LATERAL (SELECT s.id, s.tokens, s.weights, s.length FROM core.document AS s
                            WHERE s.id = r.id OFFSET 0) AS d
        CROSS JOIN LATERAL (
            SELECT CASE WHEN d.weights IS NULL
                        THEN impl.occurrences(replace(d.tokens, ' ', '  '), impl.needle(w.lexeme))
                        ELSE impl.term_frequency(replace(d.tokens, ' ', '  '), d.weights, w.lexeme)
                        END AS tf OFFSET 0) AS f
    ),
    frequent AS (
        SELECT p.lexeme, count(*) AS df, ln(1 + (t.docs - count(*) + 0.5) / (count(*) + 0.5)) AS idf
        FROM posting AS p
        CROSS JOIN (SELECT sum(b.n_docs) AS docs FROM core.batch AS b WHERE b.index_id = x.id) AS t
        GROUP BY p.lexeme, t.docs
    ),
    place AS MATERIALIZED (
        SELECT c.no, u.id, u.at, 1000 * ((c.doc_n + 999) / 1000) AS dims, c.k1, c.b, c.avg_length
        FROM core.lexical_chunk AS c CROSS JOIN LATERAL unnest(c.docs) WITH ORDINALITY AS u(id, at)
        WHERE c.index_id = x.id AND u.id IN (SELECT p.id FROM posting AS p)
    ),
    made AS (
        INSERT INTO core.lexical_vector (index_id, lexeme, no, n, idf, top, v)
        SELECT x.id, g.lexeme, g.no, count(*), g.idf, max(g.weight),
               concat('{', string_agg(g.at || ':' || g.weight::real, ','), '}/', g.dims)::pgvector.sparsevec
        FROM (
            SELECT p.lexeme, l.no, l.at, l.dims, f.idf, f.idf * p.tf * (l.k1 + 1)
                   / (p.tf + l.k1 * (1 - l.b) + l.k1 * l.b / l.avg_length * p.length) AS weight
            FROM posting AS p JOIN frequent AS f USING (lexeme) JOIN place AS l USING (id)
        ) AS g
        GROUP BY g.lexeme, g.no, g.dims, g.idf
        RETURNING lexeme, n
    ),
    -- The frequency of a lexeme without vectors was that of the documents found; rows that corrected another
    -- one end here.
    cleared AS (
        DELETE FROM core.posting AS p USING word AS w
        WHERE p.index_id = x.id AND p.lexeme = w.lexeme AND p.docs = '{}'
    ),
    difference AS MATERIALIZED (
        SELECT f.lexeme, f.df - coalesce(m.n, 0) - coalesce(o.n, 0) AS n
        FROM frequent AS f
        LEFT JOIN (SELECT lexeme, sum(n) AS n FROM made GROUP BY lexeme) AS m USING (lexeme)
        CROSS JOIN LATERAL (
            SELECT sum(p.n) AS n FROM core.posting AS p
            WHERE p.index_id = x.id AND p.lexeme = f.lexeme AND p.docs <> '{}') AS o
    ),
    correction AS (
        INSERT INTO core.batch (index_id, n_docs, sum_length, docs)
        SELECT x.id, 0, 0, '{}' FROM difference AS d WHERE d.n <> 0 HAVING count(*) > 0 RETURNING id
    )
    INSERT INTO core.posting (batch_id, index_id, n, lexeme, docs, tfs, lengths)
    SELECT c.id, x.id, d.n, d.lexeme, '{}', '{}', '{}'
    FROM correction AS c CROSS JOIN difference AS d WHERE d.n <> 0
$$;

COMMENT ON FUNCTION impl.promote_terms(core.lexical_index, text[]) IS
    'Gives vectors in all chunks to lexemes that have become frequent.';
