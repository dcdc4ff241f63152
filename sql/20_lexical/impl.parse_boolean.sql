-- A boolean query in the words of web search engines, as tsquery over the tokens of an analyzer:
--   words              all must occur; a word of several tokens (Hangul bigrams, part numbers) as they stand
--   "some words"       side by side, in this order
--   one OR two         either; OR binds less than standing side by side
--   -word  -"a b"      must not occur
--   pref*              words that begin so
--   SELECT impl.parse_boolean('korean', '"진공 펌프" -오일 seal*');
CREATE OR REPLACE FUNCTION impl.parse_boolean(analyzer text, query text)
RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET standard_conforming_strings = on
AS $$
DECLARE
    hit text[];
    token text;
    tokens text[];
    part tsquery;
    conjunction tsquery;
    positive boolean := false;
    answer tsquery;
BEGIN
    FOR hit IN SELECT regexp_matches(
        -- Every space of Unicode, whatever the locale of the database takes for one.
        coalesce(query, '') COLLATE "C", '(-?)(?:"([^"]*)"?|([^\s\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"]+))', 'g') LOOP
        IF hit[3] IN ('OR', '|') AND hit[1] = '' THEN
            IF conjunction IS NOT NULL AND NOT positive THEN
                EXIT;
            END IF;
            answer := CASE WHEN answer IS NULL THEN conjunction ELSE answer || conjunction END;
            conjunction := NULL;
            positive := false;
            CONTINUE;
        END IF;
        tokens := search.analyze(analyzer, coalesce(hit[2], hit[3]));
        CONTINUE WHEN tokens = '{}';
        part := NULL;
        FOREACH token IN ARRAY tokens LOOP
            part := CASE WHEN part IS NULL THEN quote_literal(token)::tsquery ELSE tsquery_phrase(part, quote_literal(token)::tsquery) END;
        END LOOP;
        IF hit[3] LIKE '%_*' THEN
            -- The last token becomes a prefix: of the word as typed or its stem, whichever is shorter.
            part := (quote_literal(tokens[cardinality(tokens)]) || ':*')::tsquery;
            FOR i IN REVERSE cardinality(tokens) - 1 .. 1 LOOP
                part := tsquery_phrase(quote_literal(tokens[i])::tsquery, part);
            END LOOP;
        END IF;
        positive := positive OR hit[1] = '';
        part := CASE WHEN hit[1] = '-' THEN !! part ELSE part END;
        conjunction := CASE WHEN conjunction IS NULL THEN part ELSE conjunction && part END;
    END LOOP;
    IF conjunction IS NOT NULL AND NOT positive THEN
        RAISE EXCEPTION 'the query only says what must not occur'
            USING ERRCODE = 'SG004', HINT = 'Give at least one word that must occur on each side of OR.';
    END IF;
    RETURN CASE WHEN answer IS NULL THEN conjunction WHEN conjunction IS NULL THEN answer ELSE answer || conjunction END;
END $$;

COMMENT ON FUNCTION impl.parse_boolean(text, text) IS 'tsquery of a web-style query (quotes, OR, -, *); NULL when it has no token.';
