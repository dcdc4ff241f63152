-- Parses a query in the syntax of web search engines into pieces of tokens:
--   words              all must occur; a word of several tokens (Hangul bigrams, part numbers) as a phrase
--   "some words"       a phrase: these words in this order; curly quotes work, too
--   one OR two         either; OR binds weaker than the space between words: each side is a clause
--   -word  -"a b"      must not occur; before a digit - is a sign: -50 searches for 50, but -"50" excludes it
--   pref*              a prefix: of a run of letters and digits as typed, or of a word with the same stem
-- A piece occurs where `needle` or `other` is found in core.document.tokens. `filter` is its condition on
-- impl.lexeme_vector (NULL: none), `sure` whether that suffices. `words` are its tokens and `beginning`
-- the prefix of the last one, for the score.
--   SELECT * FROM impl.phrase_pieces('korean', 7, '"진공 펌프" -오일 seal*');
CREATE OR REPLACE FUNCTION impl.phrase_pieces(analyzer text, index_id int, query text)
RETURNS TABLE (
    clause bigint,
    wanted boolean,
    words text[],
    beginning text,
    needle text,
    other text,
    filter text,
    sure boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
    WITH typed AS MATERIALIZED (
        -- Commas between thousands, the last of which are not all typed (1,0*).
        SELECT at, CASE WHEN hit[3] ~ '^[0-9]{1,3}(,[0-9]{3})*,[0-9]{0,2}[*]' THEN replace(hit[3], ',', '')
                        ELSE coalesce(hit[2], hit[3]) END AS raw,
               hit[1] = '' AND hit[3] IN ('OR', '|') IS TRUE AS divides,
               hit[1] = '' OR hit[3] ~ '^[.,]?[0-9]' IS TRUE AS wanted, hit[3] LIKE '%_*' IS TRUE AS prefix
        FROM regexp_matches(translate(impl.spaced(impl.visible(query)), '“”„‟＂〝〞〟－−＊｜', '""""""""--*|'),
             '(-?)(?:"([^"]*)"?|([^ "]+))', 'g') WITH ORDINALITY AS t(hit, at)
    ),
    -- Each spelling once. Of a prefix, `last` is its last run as it was typed, and `tail` the tokens of that.
    spelt AS MATERIALIZED (
        SELECT r.raw, r.prefix, search.analyze(analyzer, r.raw) AS tokens,
               CASE WHEN r.prefix THEN (
                   SELECT s.runs[cardinality(s.runs)]
                   FROM (SELECT search.analyze('simple', r.raw) AS runs) AS s) END AS last
        FROM (SELECT DISTINCT t.raw, t.prefix FROM typed AS t WHERE NOT t.divides) AS r
    ),
    split AS MATERIALIZED (
        SELECT s.raw, s.prefix, s.tokens, s.last, e.tail,
               s.tokens[: cardinality(s.tokens) - cardinality(e.tail)] AS head
        FROM spelt AS s CROSS JOIN LATERAL (SELECT search.analyze(analyzer, s.last) AS tail OFFSET 0) AS e
    ),
    meant AS (
        SELECT s.raw, s.prefix,
               -- A run of Hangul is bigrams, and the last of them the prefix.
               CASE WHEN s.last IS NULL THEN s.tokens
                    WHEN cardinality(s.tail) > 1 AND s.tail[1] <> s.last
                        THEN s.tokens[: cardinality(s.tokens) - 1]
                    ELSE s.head END AS words,
               CASE WHEN cardinality(s.tail) > 1 AND s.tail[1] <> s.last THEN s.tail[cardinality(s.tail)]
                    ELSE s.last END AS beginning,
               CASE WHEN cardinality(s.tail) = 1 AND NOT starts_with(s.tail[1], s.last)
                    THEN s.tail[1] END AS stem
        FROM split AS s WHERE s.tokens <> '{}' OR s.last IS NOT NULL
    )
    SELECT p.clause, p.wanted, CASE WHEN m.stem IS NULL THEN m.words ELSE m.words || m.stem END, m.beginning,
           concat(' ', array_to_string(m.words || m.beginning, ' '),
                  CASE WHEN m.beginning IS NULL THEN ' ' END),
           CASE WHEN m.stem IS NOT NULL THEN concat(' ', array_to_string(m.words || m.stem, ' '), ' ') END,
           CASE WHEN p.wanted THEN f.all_of WHEN f.sure THEN '!(' || f.all_of || ')' END, f.sure
    FROM (
        SELECT DISTINCT o.clause, o.divides, o.wanted, o.raw, o.prefix
        FROM (SELECT t.*, count(*) FILTER (WHERE t.divides) OVER (ORDER BY t.at) AS clause
              FROM typed AS t) AS o
    ) AS p
    JOIN meant AS m ON m.raw = p.raw AND m.prefix = p.prefix
    CROSS JOIN LATERAL (
        SELECT cardinality(m.words) + (m.beginning IS NOT NULL)::int = 1 AS sure,
               concat_ws(' & ', (SELECT string_agg(DISTINCT quote_literal(index_id::text || ':' || w.word),
                                                   ' & ')
                                 FROM unnest(m.words) AS w(word)),
                         '(' || quote_literal(index_id::text || ':' || m.beginning) || ':*'
                             || coalesce(' | ' || quote_literal(index_id::text || ':' || m.stem), '') || ')'
                         ) AS all_of
    ) AS f
    WHERE NOT p.divides
    ORDER BY p.clause, p.raw, p.wanted, p.prefix
$$;

COMMENT ON FUNCTION impl.phrase_pieces(text, int, text) IS
    'Pieces of a web-style query (quotes, OR, -, *), and how to find each.';
