-- Terms of a query that occur in an index, synonyms among them, as sorted arrays: `words` with their weights;
-- `keys`, the lexemes by which documents are found, with their weights and drifts (impl.bm25_terms), of plain
-- terms the terms themselves; `docs`, those with a key that has no vectors; parted: some terms have parts, of
-- which keys give bounds only (impl.parted_terms).
--   SELECT * FROM impl.query_terms(impl.live_index('parts'), '진공 펌프', 100, false);
CREATE OR REPLACE FUNCTION impl.query_terms(
    x core.lexical_index,
    query text,
    n_docs bigint,
    chunked boolean,
    OUT words text[],
    OUT weights float8[],
    OUT keys text[],
    OUT key_weights float8[],
    OUT drifts float8[],
    OUT docs bigint[],
    OUT parted boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = 'force_generic_plan'
AS $$
#variable_conflict use_column
DECLARE
    terms CONSTANT text[] := impl.with_synonyms(x, search.analyze(x.analyzer, query));
BEGIN
    parted := EXISTS (SELECT FROM unnest(terms) AS u(term) WHERE impl.has_parts(u.term));
    WITH term AS MATERIALIZED (
        SELECT t.lexeme, t.weight, ARRAY[t.lexeme] AS keys, ARRAY[t.drift] AS drifts, t.docs
        FROM impl.bm25_terms(x.id, CASE WHEN parted THEN ARRAY(SELECT u.term FROM unnest(terms) AS u(term)
                                                               WHERE NOT impl.has_parts(u.term))
                                        ELSE terms END, n_docs, chunked) AS t
        UNION ALL
        SELECT t.lexeme, t.weight, t.keys, t.key_drifts, t.docs
        FROM (SELECT WHERE parted) AS o
        CROSS JOIN LATERAL impl.parted_terms(x.id, ARRAY(SELECT u.term FROM unnest(terms) AS u(term)
                                                         WHERE impl.has_parts(u.term)), n_docs, chunked) AS t
    ),
    key AS MATERIALIZED (
        SELECT u.lexeme, sum(u.drift) AS drift, sum(t.weight) AS weight
        FROM term AS t CROSS JOIN LATERAL unnest(t.keys, t.drifts) AS u(lexeme, drift) GROUP BY u.lexeme
    )
    -- Sorted: every way to a score adds up in this order, and gives the same bits.
    SELECT t.lexemes, t.weights, k.lexemes, k.weights, k.drifts,
           ARRAY(SELECT DISTINCT unnest(r.docs) FROM term AS r)
    INTO words, weights, keys, key_weights, drifts, docs
    FROM (SELECT array_agg(o.lexeme ORDER BY o.lexeme) AS lexemes,
                 array_agg(o.weight ORDER BY o.lexeme) AS weights FROM term AS o) AS t
    CROSS JOIN (SELECT array_agg(o.lexeme ORDER BY o.lexeme) AS lexemes,
                       array_agg(o.weight ORDER BY o.lexeme) AS weights,
                       array_agg(o.drift ORDER BY o.lexeme) AS drifts FROM key AS o) AS k;
END $$;

COMMENT ON FUNCTION impl.query_terms(core.lexical_index, text, bigint, boolean) IS
    'Terms of a query that occur in an index, synonyms among them, as sorted arrays.';
