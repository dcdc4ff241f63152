-- Jaccard similarity of two sets: shared elements over all of them; 0 where both are empty. No SET: inlined
-- into the calling statement.
--   SELECT impl.shared_share('{1,2,3}', '{2,3,4}');
CREATE OR REPLACE FUNCTION impl.shared_share(one bigint[], other bigint[])
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT coalesce(s.n / nullif(cardinality(shared_share.one) + cardinality(shared_share.other) - s.n, 0), 0)
    FROM (SELECT count(*)::float8 AS n FROM unnest(shared_share.one) AS x
          WHERE x = ANY (shared_share.other)) AS s
$$;

COMMENT ON FUNCTION impl.shared_share(bigint[], bigint[]) IS 'Jaccard similarity of two sets.';
