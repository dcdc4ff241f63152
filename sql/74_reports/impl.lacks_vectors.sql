-- Tests whether an item lacks vectors, or has outdated ones, in a space of a leg that did not list it. legs:
-- as the run has them; ranks: {leg: rank or null}. A space that is gone is no cause.
--   SELECT impl.lacks_vectors((SELECT id FROM core.item LIMIT 1),
--       (SELECT legs FROM eval.run LIMIT 1), '{"text": null}');
CREATE OR REPLACE FUNCTION impl.lacks_vectors(item_id bigint, legs jsonb, ranks jsonb)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM jsonb_to_recordset(lacks_vectors.legs) AS l(name text, kind text, space text)
        JOIN ops.space AS s ON s.name = split_part(l.space, '@', 1)
            AND CASE WHEN l.space LIKE '%@%' THEN s.generation::text = split_part(l.space, '@', 2)
                     ELSE s.status = 'live' END
        WHERE l.kind = 'vector' AND lacks_vectors.ranks ->> l.name IS NULL
          AND impl.item_state(s, lacks_vectors.item_id) IN ('missing', 'stale'))
$$;

COMMENT ON FUNCTION impl.lacks_vectors(bigint, jsonb, jsonb) IS
    'Tests whether an item has no vector, or an outdated one, for a leg that did not list it.';
