-- BM25F score that the lexical leg of a collection would give an item with these fields, in its index as it
-- is; NULL where none of the words is in them. Document frequencies and lengths are those of the collection.
--   SELECT impl.score_of_text('parts', 'vacuum pump', '{"title": "oil-free pump"}');
CREATE OR REPLACE FUNCTION impl.score_of_text(collection text, query text, fields jsonb)
RETURNS float8
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH x AS MATERIALIZED (SELECT (impl.live_index(score_of_text.collection)).*),
    counts AS MATERIALIZED (
        SELECT sum(b.n_docs) AS n_docs,
               greatest(sum(b.sum_length) / nullif(sum(b.n_docs), 0), 1e-9) AS average
        FROM x JOIN core.batch AS b ON b.index_id = x.id
    ),
    asked AS MATERIALIZED (
        SELECT t.lexeme, t.weight FROM x CROSS JOIN counts AS c
        CROSS JOIN LATERAL impl.bm25_terms(x.id, search.analyze(x.analyzer, score_of_text.query),
            c.n_docs::bigint, EXISTS (SELECT FROM core.lexical_chunk AS l WHERE l.index_id = x.id)) AS t
    ),
    field AS MATERIALIZED (
        SELECT f.weight, f.tokens
        FROM x CROSS JOIN LATERAL impl.lexical_fields(x.analyzer, x.field_weights, score_of_text.fields) AS f
    ),
    size AS (SELECT sum(f.weight * cardinality(f.tokens)) AS length FROM field AS f)
    SELECT sum(a.weight * t.tf * (x.k1 + 1)
               / (t.tf + x.k1 * (1 - x.b) + x.k1 * x.b / c.average * s.length) ORDER BY a.lexeme)
    FROM asked AS a CROSS JOIN x CROSS JOIN counts AS c CROSS JOIN size AS s
    CROSS JOIN LATERAL (SELECT sum(f.weight) AS tf FROM field AS f
                        CROSS JOIN LATERAL unnest(f.tokens) AS k(lexeme)
                        WHERE k.lexeme = a.lexeme COLLATE "C") AS t
    WHERE t.tf > 0
$$;

COMMENT ON FUNCTION impl.score_of_text(text, text, jsonb) IS
    'BM25F score that an item with these fields would have; NULL where it has none of the words.';
