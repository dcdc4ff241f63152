-- Decides whether the best items of the identifier leg come before all others. The query must be an
-- identifier (search.query_kind), and either an item has one of its numbers, or no item has and no text
-- contains the numbers as typed: then the number is mistyped, or the beginning of one.
--   SELECT impl.number_leads('parts', 'HD18O0-S7', NULL);
CREATE OR REPLACE FUNCTION impl.number_leads(collection text, query text, filter text)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET seogo.statistics = ''
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    word text;
BEGIN
    IF search.query_kind(query) IS DISTINCT FROM 'identifier' THEN
        RETURN false;
    END IF;
    IF impl.is_spread(cid) THEN
        PERFORM set_config('seogo.statistics', impl.shard_statistics(cid, query, filter)::text, true);
    END IF;
    IF EXISTS (SELECT FROM impl.asked_numbers(cid, query) AS a
                  WHERE a.known AND a.how <> 'bare') THEN
        RETURN true;
    END IF;
    FOR word IN
        SELECT w.raw FROM impl.words_of(query) AS w WHERE w.class = 'number' AND length(w.raw) <= 100
        ORDER BY length(w.folded) DESC, w.word_no LIMIT 3
    LOOP
        IF EXISTS (SELECT FROM search.phrase(collection, '"' || word || '"', 1, filter)) THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN EXISTS (SELECT FROM impl.identifiers_in(query) AS a WHERE a.how = 'near');
END $$;

COMMENT ON FUNCTION impl.number_leads(text, text, text) IS
    'Decides whether the best items of the identifier leg come first, whatever other legs say.';
