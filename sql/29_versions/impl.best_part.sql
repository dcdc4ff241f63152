-- Names the part of an article that a leg found it by: of words, the one of its highlighted passage, of a
-- vector, those in its window (search.passage_part, search.window_parts). NULL where it is no article, or the
-- whole was found.
--   SELECT impl.best_part('laws', '손해배상', search.lexical_leg(), 1);
CREATE OR REPLACE FUNCTION impl.best_part(collection text, query text, leg search.leg, item_id bigint)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM impl.item_rows(ARRAY[best_part.item_id]) AS i
                   WHERE i.metadata ? 'article') THEN
        RETURN NULL;
    ELSIF leg.kind = 'lexical' THEN
        RETURN (SELECT p.called
                FROM search.highlight(best_part.collection, best_part.query, best_part.item_id, html => true)
                    AS h
                CROSS JOIN LATERAL search.passage_part(best_part.item_id, h.snippet) AS p
                WHERE h.field = 'text');
    END IF;
    RETURN (SELECT w.called
            FROM search.window_parts(ARRAY[best_part.item_id], ARRAY[leg], best_part.query) AS w);
END $$;

COMMENT ON FUNCTION impl.best_part(text, text, search.leg, bigint) IS
    'Name of the part of an article that a leg found it by; NULL where the whole was found.';
