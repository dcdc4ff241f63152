-- The words of a query as shards are to read them: its tokens, and the terms with synonyms that the
-- coordinator makes of them (impl.with_synonyms).
--   SELECT impl.shard_words(impl.named_collection('parts'), '진공 펌프');
CREATE OR REPLACE FUNCTION impl.shard_words(cid int, query text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('tokens', t.tokens, 'terms', impl.with_synonyms(x.index, t.tokens))
    FROM (SELECT impl.named_index(cid) AS index) AS x
    CROSS JOIN LATERAL search.analyze((x.index).analyzer, coalesce(shard_words.query, '')) AS t(tokens)
$$;

COMMENT ON FUNCTION impl.shard_words(int, text) IS 'Tokens and terms of a query, for shards.';
