-- Tests whether what was read tells two pictures apart: on both are numbers, and none is on both.
--   SELECT impl.told_apart('[{"raw": "AB-1234"}]', 1);
CREATE OR REPLACE FUNCTION impl.told_apart(numbers jsonb, other_picture bigint)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(NOT bool_or(n.folded && o.folded), false)
    FROM (SELECT array_agg(impl.fold_identifier(g.raw)) AS folded
          FROM jsonb_to_recordset(numbers) AS g(raw text)) AS n
    CROSS JOIN (SELECT array_agg(impl.fold_identifier(k.raw)) AS folded
                FROM core.picture_identifier AS k WHERE k.picture_id = other_picture) AS o
$$;

COMMENT ON FUNCTION impl.told_apart(jsonb, bigint) IS
    'Tests whether numbers are read on two pictures, and none on both.';
