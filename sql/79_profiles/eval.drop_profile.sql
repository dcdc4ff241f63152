-- Deletes a profile that is not in use; false where there is none of the name. Error SG004: it is in use.
--   SELECT eval.drop_profile('parts', 'words-first');
CREATE OR REPLACE FUNCTION eval.drop_profile(collection text, profile text)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    DELETE FROM eval.profile AS p WHERE p.collection_id = cid AND p.name = profile AND NOT p.active;
    IF FOUND THEN
        RETURN true;
    ELSIF EXISTS (SELECT FROM eval.profile AS p WHERE p.collection_id = cid AND p.name = profile) THEN
        RAISE EXCEPTION 'the profile % of % is in use', profile, collection USING ERRCODE = 'SG004',
            HINT = 'Another one must take its place first: let it be tried on a query set.';
    END IF;
    RETURN false;
END $$;

COMMENT ON FUNCTION eval.drop_profile(text, text) IS 'Deletes a fusion profile that is not in use.';
