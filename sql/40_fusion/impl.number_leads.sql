-- Whether what the identifier leg finds best is what a query asks for, so that it comes before all that other
-- legs say. The query is an identifier (search.query_kind), and either some item has one of its numbers, or
-- none has and the numbers stand in no text as they were typed either: then it is mistyped, or the beginning
-- of one.
--   SELECT impl.number_leads('parts', 'HD18O0-S7', NULL);
CREATE OR REPLACE FUNCTION impl.number_leads(collection text, query text, filter text)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    word text;
BEGIN
    IF search.query_kind(query) IS DISTINCT FROM 'identifier' THEN
        RETURN false;
    ELSIF EXISTS (SELECT FROM impl.asked_numbers(impl.collection_id(collection), query) AS a
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
    'Whether the best of the identifier leg come first, whatever other legs say.';
