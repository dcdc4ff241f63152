-- Adds a query of words to a set, for judging where one searches; the set is made where it is missing.
-- Returns the query's external_id: its words, as far as 500 characters go. A set that has a query of the same
-- words keeps that one. Error SG004: nothing is asked; a set's name is a lower-case letter, then up to 62 of
-- them, digits, - and _.
--   SELECT eval.add_query('asked', '진공 펌프');
CREATE OR REPLACE FUNCTION eval.add_query(query_set text, query text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    words CONSTANT text := btrim(query);
    sid int;
    named text;
BEGIN
    IF coalesce(words, '') = '' THEN
        RAISE EXCEPTION 'nothing is asked' USING ERRCODE = 'SG004', HINT = 'Give the words of the query.';
    END IF;
    INSERT INTO eval.query_set (name) VALUES (query_set) ON CONFLICT (name) DO NOTHING;
    SELECT s.id INTO sid FROM eval.query_set AS s WHERE s.name = query_set;
    SELECT q.external_id INTO named FROM eval.query AS q
    WHERE q.set_id = sid AND q.text = words AND num_nonnulls(q.item, q.picture_id) = 0 ORDER BY q.id LIMIT 1;
    IF named IS NULL THEN
        named := left(words, 500);
        -- The id may be taken by a query of other words, or by longer words that begin alike.
        IF EXISTS (SELECT FROM eval.query AS q WHERE q.set_id = sid AND q.external_id = named) THEN
            named := left(words, 400) || '#' || md5(words);
        END IF;
        INSERT INTO eval.query (set_id, external_id, text) VALUES (sid, named, words)
        ON CONFLICT (set_id, external_id) DO NOTHING;
    END IF;
    RETURN named;
END $$;

COMMENT ON FUNCTION eval.add_query(text, text) IS 'Adds a query of words to a set.';
