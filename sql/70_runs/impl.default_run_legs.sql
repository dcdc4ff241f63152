-- Default legs of a run: words, part numbers, and every live space of the collection that fits some query of
-- the set.
--   SELECT impl.default_run_legs(1, 1);
CREATE OR REPLACE FUNCTION impl.default_run_legs(collection_id int, set_id int)
RETURNS search.leg[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY[search.lexical_leg(), search.identifier_leg()]
        || coalesce(array_agg(search.vector_leg(s.name) ORDER BY s.name), '{}')
    FROM core.collection AS c
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status = 'live'
    WHERE c.id = default_run_legs.collection_id AND EXISTS (
        SELECT FROM eval.query AS q WHERE q.set_id = default_run_legs.set_id AND CASE s.modality
            WHEN 'text' THEN num_nonnulls(q.text, q.item) > 0
            WHEN 'image' THEN num_nonnulls(q.picture_id, q.item) > 0 ELSE true END)
$$;

COMMENT ON FUNCTION impl.default_run_legs(int, int) IS 'Default legs of a run.';
