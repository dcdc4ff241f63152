-- Trigger of the table of a space of kind sparse: numbers new weights, and notes that no chunk has them yet.
-- What was there under another number is dead: chunks that name it find nothing.
CREATE OR REPLACE FUNCTION impl.number_weighed()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.doc := nextval('core.weighed_seq');
    INSERT INTO core.sparse_fresh (space_id, doc) VALUES (new.space_id, new.doc);
    RETURN new;
END $$;

COMMENT ON FUNCTION impl.number_weighed() IS 'Trigger: numbers new token weights.';
