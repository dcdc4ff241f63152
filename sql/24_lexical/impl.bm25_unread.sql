-- Per term, the highest bound among blocks not read; 0 where all were.
--   SELECT impl.bm25_unread('{1,2,1}', '{3,2,1}', 1, 2);   -- {1,2}
CREATE OR REPLACE FUNCTION impl.bm25_unread(terms int[], bounds float8[], taken int, term_n int)
RETURNS float8[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT array_agg(coalesce(bounds[taken + array_position(terms[taken + 1 :], t)], 0) ORDER BY t)
    FROM generate_series(1, term_n) AS t
$$;

COMMENT ON FUNCTION impl.bm25_unread(int[], float8[], int, int) IS
    'Highest unread bound per term after `taken` blocks.';
