-- Tests whether a law is the decree or rule (시행령, 시행규칙) of another, both by their names. No SET: inlined.
--   SELECT impl.is_decree('상법 시행령', '상법');
CREATE OR REPLACE FUNCTION impl.is_decree(decree text, law text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce(decree IN (law || ' 시행령', law || ' 시행규칙'), false) $$;

COMMENT ON FUNCTION impl.is_decree(text, text) IS 'Tests whether a law is the decree or rule of another.';
