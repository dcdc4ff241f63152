-- Multiplies vectors of lexemes whose idf has drifted by a quarter from that of the vectors, so that searches
-- need no wide margin for it: at most about 2,000 vectors. Returns the number of lexemes.
-- Joined by hashing, as in impl.build_chunk.
--   SELECT impl.rescale_terms(impl.live_index('parts'));
CREATE OR REPLACE FUNCTION impl.rescale_terms(x core.lexical_index)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $$
    WITH term AS (
        SELECT t.lexeme, min(t.idf) AS idf, count(*) AS chunks, sum(t.n) AS n
        FROM core.lexical_vector AS t WHERE t.index_id = x.id GROUP BY t.lexeme
    ),
    now AS (
        SELECT t.lexeme, t.idf, t.chunks,
               ln(1 + (s.docs - greatest(t.n + coalesce(p.n, 0), 0) + 0.5)
                      / (greatest(t.n + coalesce(p.n, 0), 0) + 0.5)) AS idf_now
        FROM term AS t
        LEFT JOIN (SELECT o.lexeme, sum(o.n) AS n FROM core.posting AS o WHERE o.index_id = x.id
                   GROUP BY o.lexeme) AS p USING (lexeme)
        CROSS JOIN (SELECT sum(b.n_docs) AS docs FROM core.batch AS b WHERE b.index_id = x.id) AS s
    ),
    drifted AS (
        SELECT d.* FROM (
            SELECT n.*, sum(n.chunks) OVER (ORDER BY n.lexeme) - n.chunks AS before FROM now AS n
            WHERE n.idf_now / n.idf NOT BETWEEN 0.8 AND 1.25) AS d
        WHERE d.before < 2000
    ),
    rescaled AS (
        UPDATE core.lexical_vector AS t
        SET idf = d.idf_now, top = t.top * d.idf_now / d.idf,
            v = (t.v::pgvector.vector OPERATOR(pgvector.*) impl.like_dims(
                impl.constant_vector(d.idf_now / d.idf), t.v::pgvector.vector))::pgvector.sparsevec
        FROM drifted AS d WHERE t.index_id = x.id AND t.lexeme = d.lexeme
        RETURNING t.lexeme
    )
    SELECT count(DISTINCT r.lexeme) FROM rescaled AS r
$$;

COMMENT ON FUNCTION impl.rescale_terms(core.lexical_index) IS
    'Multiplies vectors of lexemes whose idf has drifted; returns the number of lexemes.';
