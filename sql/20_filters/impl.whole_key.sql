-- jsonpath of a metadata key with dots taken as it is written; NULL for a key without dots. No SET: it calls
-- nothing but PostgreSQL's own operators and impl.metadata_path.
--   SELECT impl.whole_key('size.mm');
CREATE OR REPLACE FUNCTION impl.whole_key(field text)
RETURNS jsonpath
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN position('.' IN whole_key.field) > 0
                THEN impl.metadata_path(to_json(whole_key.field)::text) END
$$;

COMMENT ON FUNCTION impl.whole_key(text) IS 'jsonpath of a metadata key with dots, as it is written.';
