-- Converts legs from JSON, for callers without composite types: an array of objects with the attributes of
-- search.leg. A leg that does not say how deep it looks has the depth of its constructor.
--   SELECT impl.legs_from_json('[{"kind": "lexical"}, {"kind": "vector", "space": "text",
--       "vec": "[0.6,0.8]"}]');
CREATE OR REPLACE FUNCTION impl.legs_from_json(legs jsonb)
RETURNS search.leg[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(ROW(coalesce(l.name, CASE l.kind WHEN 'vector' THEN l.space ELSE l.kind END),
                                  l.kind, l.space, l.source, l.vec,
                                  l.weight, coalesce(l.pool_n, CASE l.kind
                                      WHEN 'lexical' THEN (search.lexical_leg()).pool_n
                                      WHEN 'identifier' THEN (search.identifier_leg()).pool_n
                                      WHEN 'like' THEN (search.like_leg(l.space, l.positive)).pool_n
                                      ELSE (search.vector_leg(l.space)).pool_n END),
                                  l.positive, l.negative)::search.leg ORDER BY j.at),
                    CASE WHEN legs IS NOT NULL THEN '{}'::search.leg[] END)
    FROM jsonb_array_elements(legs) WITH ORDINALITY AS j(leg, at)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::search.leg, j.leg) AS l
$$;

COMMENT ON FUNCTION impl.legs_from_json(jsonb) IS 'search.leg[] from a JSON array; NULL stays NULL.';
