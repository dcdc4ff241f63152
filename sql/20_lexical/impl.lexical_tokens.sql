-- The weighted tokens of an item in an index, field by field (heaviest first), with positions that leave
-- a gap between fields, so that no phrase runs from one into the next. Weight classes A to D for tsvector:
-- the heaviest weight of the index is A, the next B, then C; all others D.
--   SELECT t.* FROM core.lexical_index AS x, core.item AS i, impl.lexical_tokens(x.analyzer, x.field_weights, i.fields) AS t LIMIT 5;
CREATE OR REPLACE FUNCTION impl.lexical_tokens(analyzer text, field_weights jsonb, fields jsonb)
RETURNS TABLE (lexeme text, weight float8, label text, at bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
AS $$
    -- Materialised: inlined, the analysis would run once for every mention of tokens.
    WITH field AS MATERIALIZED (
        SELECT f.key, search.analyze(analyzer, f.value) AS tokens,
               coalesce((field_weights ->> f.key)::float8, 1) AS weight
        FROM jsonb_each_text(fields) AS f
        WHERE coalesce((field_weights ->> f.key)::float8, 1) > 0
    ),
    placed AS (
        SELECT tokens, weight, dense_rank() OVER (ORDER BY weight DESC) AS class,
               sum(cardinality(tokens) + 8) OVER (ORDER BY weight DESC, key) - cardinality(tokens) - 8 AS before
        FROM field
    )
    SELECT t.lexeme, p.weight, substr('ABCD', least(p.class, 4)::int, 1), p.before + t.at
    FROM placed AS p CROSS JOIN LATERAL unnest(p.tokens) WITH ORDINALITY AS t(lexeme, at)
$$;

COMMENT ON FUNCTION impl.lexical_tokens(text, jsonb, jsonb) IS 'Tokens of an item with field weight, tsvector class and position.';
