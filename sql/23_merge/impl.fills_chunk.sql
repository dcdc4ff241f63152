-- Tests whether documents are as many as one chunk takes: pgvector's vectors have at most 16,000 dimensions,
-- and a million tokens are what a statement of a merge turns into a chunk within some two seconds (measured
-- by bench/lexical.py). No SET: inlined into the calling expression.
--   SELECT impl.fills_chunk(16000, 0), impl.fills_chunk(700, 2e6);   -- true, true
CREATE OR REPLACE FUNCTION impl.fills_chunk(doc_n bigint, tokens float8)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT impl.chunk_part(doc_n + 1, tokens) > 0 $$;

COMMENT ON FUNCTION impl.fills_chunk(bigint, float8) IS
    'Tests whether documents are as many as a chunk takes.';
