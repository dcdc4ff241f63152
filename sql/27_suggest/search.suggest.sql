-- Completions of what somebody is typing: words (w), phrases, titles, part numbers and queries of others that
-- begin so. Korean is compared by the letters as they are typed (진고: 진공; 펌ㅍ: 펌프), without regard of spaces;
-- several consonants alone are initials (ㅈㄱㅍㅍ: 진공 펌프). The last of several words is completed from titles
-- that have the earlier ones. Where fewer than k are found, of several words none, what the same keys give on
-- the other keyboard is completed as well (wlsrhd: 진공).
--   source       title, word, phrase, identifier or query
--   n            items that have it, of a query searches; lower_bound: at least so many
--   how          typed, initials or keyboard
--   ignored      earlier words that no title has, which did not count
-- The best of each source come first, in the order identifier, query, word, phrase, title; the best are those
-- of the highest class of counts (impl.frequency_class), then by key. Counts are those of the moment. With a
-- filter, each has an item that passes (impl.passing_completions); a query of others, one that it found.
-- Nothing where suggestions are off. Of items on shards, each shard's best k of each source are merged, with
-- the sum of their counts, which is a lower bound where a shard that had more did not name one.
--   SELECT text, source, n FROM search.suggest('parts', '진고', 5);
CREATE OR REPLACE FUNCTION search.suggest(
    collection text,
    prefix text,
    k int DEFAULT 10,
    filter text DEFAULT NULL)
RETURNS TABLE (rank int, text text, source text, n bigint, how text, lower_bound boolean, ignored text[])
LANGUAGE plpgsql STABLE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    typed_n CONSTANT int := 200;
    c CONSTANT core.collection := (
        SELECT l FROM core.collection AS l WHERE l.id = impl.named_collection(collection));
    f CONSTANT record := impl.parse_filter(impl.dated(c.id, filter));
    spread CONSTANT boolean := impl.is_spread(c.id);
    typed CONSTANT text := btrim(regexp_replace(impl.spaced(impl.visible(prefix)), ' +', ' ', 'g'));
    words CONSTANT text[] := string_to_array(typed, ' ');
    before CONSTANT text := array_to_string(words[: cardinality(words) - 1], ' ') || ' ';
    readings text[];
    reading text;
    pool jsonb;
    away record;
    found int := 0;
    added int;
BEGIN
    PERFORM impl.at_least('k', k, 0);
    IF length(typed) > typed_n THEN
        RAISE EXCEPTION 'what is to be completed has % characters', length(typed)
            USING ERRCODE = 'SG004', HINT = format('It may have %s.', typed_n);
    ELSIF c.title_fields = '{}' OR impl.completion_key(typed) IN ('', NULL) THEN
        RETURN;
    END IF;
    readings := ARRAY[typed]
        || CASE WHEN cardinality(words) > 1
                THEN ARRAY[before || impl.other_keyboard(words[cardinality(words)])] ELSE '{}' END
        || impl.other_keyboard(typed);
    IF spread THEN
        away := impl.shard_pools(c.id, readings, filter, k);
    END IF;
    FOR at IN 1 .. cardinality(readings) LOOP
        EXIT WHEN impl.is_completed(typed, found, k);
        reading := readings[at];
        IF spread THEN
            pool := away.pools[at] || (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'source', 'q', 'text', a.text, 'n', a.n, 'initials', a.initials, 'lower_bound', false,
                    'ignored', '{}'::text[], 'context', false)), '[]')
                FROM impl.asked_completions(c.id, reading, k - found) AS a WHERE a.items && away.there);
        ELSE
            pool := impl.completion_pool(c.id, reading, f.contains, f.path, k - found, true);
        END IF;
        RETURN QUERY
        SELECT (found + row_number() OVER (ORDER BY r.at))::int, r.text, r.source, r.n,
               CASE WHEN reading <> typed THEN 'keyboard' WHEN r.initials THEN 'initials' ELSE 'typed' END,
               r.lower_bound, r.ignored
        FROM impl.ranked_completions(pool, reading, k - found) AS r
        -- Earlier words that no title has are no better on the other keyboard.
        WHERE reading = typed OR r.ignored = '{}'
        ORDER BY r.at;
        GET DIAGNOSTICS added = ROW_COUNT;
        found := found + added;
    END LOOP;
END $$;

COMMENT ON FUNCTION search.suggest(text, text, int, text) IS
    'Completions of what somebody is typing, with source and count: titles, words, phrases, part numbers, '
    'queries of others. Korean letter by letter, by initial consonants, and on the wrong keyboard.';
