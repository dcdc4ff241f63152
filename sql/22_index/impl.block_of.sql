-- Block number (from 0) of the at-th posting of a lexeme in descending order of impact: four blocks of 256
-- postings, then each a quarter of all before it. A query reads few blocks of a common word, and one block
-- too many costs at most a quarter of what was read. No SET: inlined into the calling statement.
--   SELECT impl.block_of(256), impl.block_of(257), impl.block_of(1000000);   -- 0, 1, 34
CREATE OR REPLACE FUNCTION impl.block_of(at bigint)
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN at <= 1024 THEN (at - 1) / 256
                ELSE 4 + floor(ln((at - 1) / 1024.0::float8) / ln(1.25::float8)) END::int
$$;

COMMENT ON FUNCTION impl.block_of(bigint) IS 'Block number of a posting by its rank in order of impact.';
