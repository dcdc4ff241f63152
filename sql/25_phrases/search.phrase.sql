-- Boolean search for exact words, phrases and prefixes in web style (see impl.phrase_pieces), in texts of any
-- length. An index over the lexemes of an item finds possible matches, clause by clause; where lexemes cannot
-- decide (a phrase, more lexemes than a tsvector holds), the tokens do.
-- Score: BM25F, as in search.lexical, of the words that must occur; higher is better; ties by item_id. All
-- words of a prefix together weigh like one word.
--   SELECT * FROM search.phrase('parts', '"진공 펌프" -오일', 5);
CREATE OR REPLACE FUNCTION search.phrase(
    collection text,
    query text,
    k int DEFAULT 10,
    filter text DEFAULT NULL)
RETURNS TABLE (item_id bigint, rank int, score float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    x core.lexical_index := impl.named_index(cid);
    f record := impl.parse_filter(impl.dated(cid, filter));
    c record;
    clause_n int := 0;
    docs bigint[] := '{}';
    words text[] := '{}';
    beginnings text[] := '{}';
BEGIN
    PERFORM impl.at_least('k', k, 0);
    FOR c IN
        SELECT bool_or(p.wanted) AS positive, sum(count(*)) OVER () AS pieces,
               string_agg(p.filter, ' & ')::tsquery AS filter,
               array_agg(p.wanted) AS wanted, array_agg(p.needle) AS needles, array_agg(p.other) AS others,
               array_agg(p.wanted) FILTER (WHERE NOT p.sure) AS unsure_wanted,
               array_agg(p.needle) FILTER (WHERE NOT p.sure) AS unsure_needles,
               array_agg(p.other) FILTER (WHERE NOT p.sure) AS unsure_others,
               string_to_array(string_agg(array_to_string(p.words, ' '), ' ')
                               FILTER (WHERE p.wanted AND p.words <> '{}'), ' ') AS words,
               array_agg(p.beginning) FILTER (WHERE p.wanted AND p.beginning IS NOT NULL) AS beginnings
        FROM impl.phrase_pieces(x.analyzer, x.id, query) AS p GROUP BY p.clause ORDER BY p.clause
    LOOP
        clause_n := clause_n + 1;
        IF NOT c.positive THEN
            RAISE EXCEPTION 'the query only says what must not occur'
                USING ERRCODE = 'SG004', HINT = 'Give at least one word that must occur on each side of OR.';
        ELSIF c.pieces > 1000 OR clause_n > 100 THEN
            RAISE EXCEPTION 'the query has too many parts'
                USING ERRCODE = 'SG004',
                      HINT = 'At most 1,000 words and phrases, and 100 sides of OR. A quoted passage is one '
                             'phrase, however long.';
        END IF;
        docs := docs || ARRAY(
            SELECT d.id FROM core.document AS d
            WHERE impl.lexeme_vector(d.index_id, d.tokens) @@ c.filter AND NOT impl.is_long(d.tokens)
              AND (c.unsure_needles IS NULL
                   OR impl.has_pieces(d.tokens, c.unsure_wanted, c.unsure_needles, c.unsure_others))
            UNION ALL
            SELECT d.id FROM core.document AS d
            WHERE d.index_id = x.id AND impl.is_long(d.tokens)
              AND impl.has_pieces(d.tokens, c.wanted, c.needles, c.others));
        words := words || c.words;
        beginnings := beginnings || c.beginnings;
    END LOOP;
    IF impl.is_spread(cid) THEN
        RETURN QUERY
        SELECT (r.row ->> 'item_id')::bigint, r.rank, (r.row ->> 'score')::float8
        FROM impl.shard_rows('phrase', collection, query, k, filter, impl.shard_statistics(
            cid, query, filter, ARRAY(SELECT DISTINCT unnest(words)), ARRAY(SELECT DISTINCT
                unnest(beginnings))
            )) AS r
        ORDER BY r.rank LIMIT k;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT h.item_id, (row_number() OVER (ORDER BY h.score DESC, h.item_id))::int, h.score
    FROM impl.phrase_scores(x, ARRAY(SELECT DISTINCT unnest(docs)), words, beginnings, k,
                            f.contains, f.path) AS h
    ORDER BY h.score DESC, h.item_id;
END $$;

COMMENT ON FUNCTION search.phrase(text, text, int, text) IS
    'Items that satisfy a web-style query: words, "phrases", OR, -not, prefix*. Score: higher is better.';
