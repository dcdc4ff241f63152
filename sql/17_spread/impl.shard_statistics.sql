-- Statistics of all shards of a collection for a query (impl.outside), summed. words and beginnings: those of
-- a query in web style (impl.phrase_pieces); by default the words are those of the query and their synonyms.
-- The steps of one statement that need them ask once: they are remembered until it ends.
--   SELECT impl.shard_statistics(impl.named_collection('parts'), '진공 펌프', NULL);
CREATE OR REPLACE FUNCTION impl.shard_statistics(
    cid int,
    query text,
    filter text,
    words text[] DEFAULT NULL,
    beginnings text[] DEFAULT '{}')
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    x CONSTANT core.lexical_index := impl.named_index(cid);
    key CONSTANT text := md5(ROW(cid, query, filter, words, beginnings, statement_timestamp(),
                                 impl.shards_of(cid))::text);
    memo jsonb := nullif(current_setting('seogo.memo', true), '');
    tokens text[];
    terms text[];
    answers jsonb[];
BEGIN
    IF memo ->> 'key' = key THEN
        RETURN memo -> 'statistics';
    END IF;
    IF words IS NULL THEN
        tokens := search.analyze(x.analyzer, coalesce(query, ''));
        terms := impl.with_synonyms(x, tokens);
        words := ARRAY(SELECT DISTINCT t.token FROM unnest(terms) AS u(term)
                       CROSS JOIN LATERAL impl.term_parts(u.term) AS p
                       CROSS JOIN LATERAL string_to_table(p.tokens, '  ') AS t(token));
    END IF;
    SELECT array_agg(a.answer) INTO answers
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
        'do', 'statistics', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid),
        'query', query, 'filter', filter, 'words', words, 'beginnings', beginnings)]) AS a;
    memo := jsonb_build_object('key', key, 'statistics', (
        SELECT jsonb_build_object(
            'n_docs', coalesce(sum((a ->> 'n_docs')::bigint), 0),
            'sum_length', coalesce(sum((a ->> 'sum_length')::float8), 0),
            'df', (SELECT coalesce(jsonb_object_agg(d.word, d.df), '{}') FROM (
                       SELECT e.key AS word, sum(e.value::bigint) AS df
                       FROM unnest(answers) AS a CROSS JOIN LATERAL jsonb_each_text(a -> 'df') AS e
                       GROUP BY e.key) AS d),
            'known', (SELECT coalesce(jsonb_agg(DISTINCT k.value), '[]') FROM unnest(answers) AS a
                      CROSS JOIN LATERAL jsonb_array_elements(a -> 'known') AS k),
            'steps', (SELECT coalesce(jsonb_object_agg(d.raw, d.steps), '{}') FROM (
                          SELECT e.key AS raw, min(e.value::int) AS steps
                          FROM unnest(answers) AS a CROSS JOIN LATERAL jsonb_each_text(a -> 'steps') AS e
                          GROUP BY e.key) AS d),
            'cited', (SELECT coalesce(jsonb_object_agg(d.name, d.n), '{}') FROM (
                          SELECT e.key AS name, max(e.value::int) AS n
                          FROM unnest(answers) AS a CROSS JOIN LATERAL jsonb_each_text(a -> 'cited') AS e
                          GROUP BY e.key) AS d),
            'tokens', to_jsonb(tokens), 'terms', to_jsonb(terms))
        FROM unnest(answers) AS a));
    PERFORM set_config('seogo.memo', memo::text, true);
    RETURN memo -> 'statistics';
END $$;

COMMENT ON FUNCTION impl.shard_statistics(int, text, text, text[], text[]) IS
    'Statistics of all shards of a collection for a query.';
