-- BM25F score that the lexical leg of a collection would give an item with these fields, in its index as it
-- is; NULL where none of the words is in them. Document frequencies and lengths are those of the collection,
-- of all shards where it is sharded.
--   SELECT impl.score_of_text('parts', 'vacuum pump', '{"title": "oil-free pump"}');
CREATE OR REPLACE FUNCTION impl.score_of_text(collection text, query text, fields jsonb)
RETURNS float8
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = ''
AS $$
#variable_conflict use_column
DECLARE
    x CONSTANT core.lexical_index := impl.named_index(impl.named_collection(collection));
BEGIN
    IF impl.is_spread(x.collection_id) THEN
        PERFORM set_config('seogo.statistics',
                           impl.shard_statistics(x.collection_id, query, NULL)::text, true);
    END IF;
    RETURN (
        WITH counts AS MATERIALIZED (SELECT c.n_docs, c.avg_length FROM impl.corpus_size(x.id) AS c),
        asked AS MATERIALIZED (
            SELECT t.lexeme, t.weight FROM counts AS c
            CROSS JOIN LATERAL impl.bm25_terms(
                x.id, search.analyze(x.analyzer, score_of_text.query), c.n_docs,
                EXISTS (SELECT FROM core.lexical_chunk AS l WHERE l.index_id = x.id)) AS t
        ),
        field AS MATERIALIZED (
            SELECT f.weight, f.tokens
            FROM impl.lexical_fields(x.analyzer, x.field_weights, score_of_text.fields) AS f
        ),
        size AS (SELECT sum(f.weight * cardinality(f.tokens)) AS length FROM field AS f)
        SELECT sum(a.weight * t.tf * (x.k1 + 1)
                   / (t.tf + x.k1 * (1 - x.b) + x.k1 * x.b / c.avg_length * s.length) ORDER BY a.lexeme)
        FROM asked AS a CROSS JOIN counts AS c CROSS JOIN size AS s
        CROSS JOIN LATERAL (SELECT sum(f.weight) AS tf FROM field AS f
                            CROSS JOIN LATERAL unnest(f.tokens) AS k(lexeme)
                            WHERE k.lexeme = a.lexeme COLLATE "C") AS t
        WHERE t.tf > 0);
END $$;

COMMENT ON FUNCTION impl.score_of_text(text, text, jsonb) IS
    'BM25F score that an item with these fields would have; NULL where it has none of the words.';
