-- Number of the part, each of what one chunk takes (impl.fills_chunk), that a document belongs to: the at-th
-- of a sequence that has so many tokens up to it. No SET: inlined into the calling statement.
--   SELECT impl.chunk_part(16000, 900000), impl.chunk_part(16001, 900000);   -- 0, 1
CREATE OR REPLACE FUNCTION impl.chunk_part(at bigint, tokens float8)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT greatest((at - 1) / 16000, floor(tokens / 1000000)::bigint) $$;

COMMENT ON FUNCTION impl.chunk_part(bigint, float8) IS
    'Number of the part of a sequence of documents that one belongs to.';
