-- Highest unread score bound per term after the first `taken` blocks; 0 where all blocks of a term were read.
-- No SET: called in each round of impl.bm25_top, which has set the path.
--   SELECT impl.bm25_unread('{1,2,1}', '{3,2,1}', 1, 2);   -- {1,2}
CREATE OR REPLACE FUNCTION impl.bm25_unread(terms int[], bounds float8[], taken int, term_n int)
RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT array_agg(coalesce(bounds[taken + array_position(terms[taken + 1 :], t)], 0) ORDER BY t)
    FROM generate_series(1, term_n) AS t
$$;

COMMENT ON FUNCTION impl.bm25_unread(int[], float8[], int, int) IS
    'Highest unread score bound per term after `taken` blocks.';
