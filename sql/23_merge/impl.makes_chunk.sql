-- Tests whether documents without a chunk are enough for one. Fewer are faster searched posting by posting,
-- at some 0.5 us each; and very few, of long texts, do not tell which words are frequent. No SET: inlined
-- into the calling expression.
--   SELECT impl.makes_chunk(4000, 200000);   -- true
CREATE OR REPLACE FUNCTION impl.makes_chunk(doc_n bigint, tokens float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT doc_n >= 4000 OR tokens >= 250000 AND doc_n >= 100 $$;

COMMENT ON FUNCTION impl.makes_chunk(bigint, float8) IS 'Tests whether documents are enough for a chunk.';
