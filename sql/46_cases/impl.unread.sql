-- Reason that nothing was read in the pictures of a case of search.quality: no picture, not read yet, failed,
-- no reader wanted, or nothing to read.
--   SELECT impl.unread('{"pictures": [{"state": "waiting"}]}');   -- not read yet
CREATE OR REPLACE FUNCTION impl.unread(quality_case jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN quality_case -> 'pictures' = '[]' THEN 'no picture'
                WHEN quality_case @? '$.pictures[*] ? (@.state == "waiting")' THEN 'not read yet'
                WHEN quality_case @? '$.pictures[*] ? (@.state == "failed")' THEN 'reading failed'
                WHEN quality_case @? '$.pictures[*] ? (@.state == "unread")' THEN 'no reader'
                ELSE 'nothing written' END
$$;

COMMENT ON FUNCTION impl.unread(jsonb) IS 'Reason that nothing was read in the pictures of an item.';
