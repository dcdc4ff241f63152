-- Similarity below which a neighbour is as near as chance brings it, for a leg of a hybrid query; NULL for
-- legs without vectors and where ops.calibrate_space has not been run.
--   SELECT impl.near_threshold('parts', search.vector_leg('text'));
CREATE OR REPLACE FUNCTION impl.near_threshold(collection text, leg search.leg)
RETURNS float8
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF leg.space IS NULL THEN
        RETURN NULL;
    END IF;
    -- A name that is unknown is refused where the leg is run.
    RETURN (SELECT a.threshold
            FROM ops.space AS s
            JOIN ops.calibration AS a ON a.space_id = s.id
            JOIN core.collection AS c ON c.id = a.collection_id
            WHERE c.name = near_threshold.collection AND s.name = split_part(leg.space, '@', 1)
              AND CASE WHEN leg.space LIKE '%@%' THEN s.generation::text = split_part(leg.space, '@', 2)
                       ELSE s.status = 'live' END);
END $$;

COMMENT ON FUNCTION impl.near_threshold(text, search.leg) IS
    'Similarity above which a neighbour in the space of a leg is near, NULL where unknown.';
