-- Key of a query text in ops.query_vector. No SET: inlined into the calling statement, so that the index is
-- used.
--   SELECT impl.query_hash(' 진공 펌프 ');
CREATE OR REPLACE FUNCTION impl.query_hash(query text)
RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT md5(btrim(normalize(query, NFKC)))::uuid $$;

COMMENT ON FUNCTION impl.query_hash(text) IS 'Hash of a query text without outer spaces, in NFKC.';
