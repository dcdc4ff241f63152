-- Statistics of a shard for a query, which a coordinator sums over all shards (impl.outside): documents and
-- their length, documents per word and prefix, numbers that are known, how they are spelled, laws that are
-- cited.
--   SELECT impl.answer_statistics('{"collection": "parts", "query": "pump", "words": ["pump"]}');
CREATE OR REPLACE FUNCTION impl.answer_statistics(request jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    x core.lexical_index := impl.live_index(request ->> 'collection');
    f record := impl.parse_filter(impl.dated(x.collection_id, request ->> 'filter'));
    size record := impl.corpus_size(x.id);
    chunked CONSTANT boolean := EXISTS (SELECT FROM core.lexical_chunk AS c WHERE c.index_id = x.id);
    words CONSTANT text[] := ARRAY(SELECT jsonb_array_elements_text(request -> 'words'));
    numbers record;
BEGIN
    SELECT coalesce(jsonb_agg(DISTINCT a.normalized), '[]') AS known, coalesce(jsonb_object_agg(
        a.raw, n.steps) FILTER (WHERE n.steps IS NOT NULL), '{}') AS steps INTO numbers
    FROM impl.asked_numbers(x.collection_id, request ->> 'query') AS a
    CROSS JOIN LATERAL (
        SELECT min(impl.spelling_steps(a.raw, d.raw)) AS steps
        FROM core.identifier AS d
        WHERE d.collection_id = x.collection_id AND d.normalized = a.normalized AND d.keys <> '{}'
          AND (f.contains IS NULL AND f.path IS NULL OR EXISTS (
              SELECT FROM core.item AS i WHERE i.id = d.item_id
              AND impl.fits(i.metadata, f.contains, f.path)))) AS n
    WHERE a.known;
    RETURN jsonb_build_object(
        'n_docs', coalesce(size.n_docs, 0), 'sum_length', coalesce(size.sum_length, 0),
        'df', (SELECT coalesce(jsonb_object_agg(o.word, o.df), '{}') FROM (
                   SELECT t.lexeme AS word, t.df FROM impl.bm25_terms(x.id, words, size.n_docs, chunked) AS t
                   UNION ALL
                   SELECT b.word || '*', impl.prefix_frequency(x.id, b.word)
                   FROM jsonb_array_elements_text(request -> 'beginnings') AS b(word)) AS o),
        'known', numbers.known, 'steps', numbers.steps,
        'cited', (SELECT coalesce(jsonb_object_agg(c.before || ' ' || c.article, n.n)
                                  FILTER (WHERE n.n IS NOT NULL), '{}')
                  FROM impl.citations_in(request ->> 'query') AS c
                  CROSS JOIN LATERAL impl.cited_name(x.collection_id, c.before, c.article) AS n(n)));
END $$;

COMMENT ON FUNCTION impl.answer_statistics(jsonb) IS
    'Statistics of a shard for a query, to be summed over all shards.';
