-- Impact of a posting, by which the postings of a lexeme are sorted into blocks: the BM25 gain of its tf for
-- k1 1.2 and b 0.75, the defaults. With other constants answers stay exact; more blocks may be read.
-- No SET: inlined into the calling statement.
--   SELECT impl.posting_impact(2, 56, 40);
CREATE OR REPLACE FUNCTION impl.posting_impact(tf float8, length float8, avg_length float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT tf / (tf + 0.3 + 0.9 * length / avg_length) $$;

COMMENT ON FUNCTION impl.posting_impact(float8, float8, float8) IS
    'Impact of a posting: its BM25 gain for k1 1.2 and b 0.75.';
