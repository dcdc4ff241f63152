-- Adds a query to a set: words, a stored picture (ops.store_picture), or both; the set is made where it is
-- missing. Returns the query's external_id: its words, as far as 500 characters go, or else the picture's
-- number. A set that asks the same already keeps that query. Error SG004: nothing is asked; a set's name is a
-- lower-case letter, then up to 62 of them, digits, - and _.
--   SELECT eval.add_query('asked', '진공 펌프');
CREATE OR REPLACE FUNCTION eval.add_query(
    query_set text,
    query text DEFAULT NULL,
    picture bigint DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    words CONSTANT text := nullif(btrim(query), '');
    sid int;
    named text;
BEGIN
    IF num_nonnulls(words, picture) = 0 THEN
        RAISE EXCEPTION 'nothing is asked' USING ERRCODE = 'SG004', HINT = 'Give words, a picture, or both.';
    END IF;
    INSERT INTO eval.query_set (name) VALUES (query_set) ON CONFLICT (name) DO NOTHING;
    SELECT s.id INTO sid FROM eval.query_set AS s WHERE s.name = query_set;
    SELECT q.external_id INTO named FROM eval.query AS q
    WHERE q.set_id = sid AND q.text IS NOT DISTINCT FROM words AND q.picture_id IS NOT DISTINCT FROM picture
      AND q.item IS NULL ORDER BY q.id LIMIT 1;
    IF named IS NULL THEN
        named := coalesce(left(words, 500), 'picture ' || picture);
        -- The id may be taken by a query of other words or with another picture.
        IF EXISTS (SELECT FROM eval.query AS q WHERE q.set_id = sid AND q.external_id = named) THEN
            named := left(named, 400) || '#' || md5(concat_ws('/', words, picture));
        END IF;
        INSERT INTO eval.query (set_id, external_id, text, picture_id) VALUES (sid, named, words, picture)
        ON CONFLICT (set_id, external_id) DO NOTHING;
    END IF;
    RETURN named;
END $$;

COMMENT ON FUNCTION eval.add_query(text, text, bigint) IS
    'Adds a query of words, a picture or both to a set.';
