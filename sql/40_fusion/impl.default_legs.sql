-- Default legs of a hybrid query: words, part numbers, and every live space of the collection that has a
-- stored vector of the query text.
--   SELECT impl.default_legs('parts', 'pump');
CREATE OR REPLACE FUNCTION impl.default_legs(collection text, query text)
RETURNS search.leg[]
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT ARRAY[search.lexical_leg(), search.identifier_leg()]
        || coalesce(array_agg(search.vector_leg(s.name, v.vec) ORDER BY s.name), '{}')
    FROM core.collection AS c
    JOIN ops.space AS s ON c.vector_sources ? s.name AND s.status = 'live'
    CROSS JOIN LATERAL (SELECT impl.query_vector(s.id, default_legs.query) AS vec OFFSET 0) AS v
    WHERE c.name = collection AND v.vec IS NOT NULL
$$;

COMMENT ON FUNCTION impl.default_legs(text, text) IS 'Default legs of a hybrid query.';
