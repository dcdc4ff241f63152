-- Tests whether a leg scores by late interaction, and so takes candidates of other legs: it asks a space of
-- kind multi with the vectors of tokens. Such legs run last.
--   SELECT impl.is_late(search.vector_leg('text'));
CREATE OR REPLACE FUNCTION impl.is_late(leg search.leg)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (is_late.leg).kind = 'vector' AND EXISTS (
        SELECT FROM ops.space AS s
        WHERE s.kind = 'multi' AND s.name = split_part((is_late.leg).space, '@', 1)
          AND CASE WHEN (is_late.leg).space LIKE '%@%'
                   THEN s.generation::text = split_part((is_late.leg).space, '@', 2)
                   ELSE s.status = 'live' END)
$$;

COMMENT ON FUNCTION impl.is_late(search.leg) IS
    'Tests whether a leg scores by late interaction, also what other legs found.';
