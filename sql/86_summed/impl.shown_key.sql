-- Key by which pictures and passages that shards sent along (impl.hit_rows) are found again by the statement
-- that asked for them, and by no other.
--   SELECT impl.shown_key(impl.named_collection('parts'), 'pump');
CREATE OR REPLACE FUNCTION impl.shown_key(cid int, marked text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT md5(ROW(cid, marked, statement_timestamp(), impl.shards_of(cid))::text) $$;

COMMENT ON FUNCTION impl.shown_key(int, text) IS
    'Key of pictures and passages that shards sent along in this statement.';
