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
    RETURN (SELECT a.threshold FROM ops.calibration AS a
            WHERE a.space_id = (impl.live_space(leg.space)).id
              AND a.collection_id = impl.collection_id(collection));
END $$;

COMMENT ON FUNCTION impl.near_threshold(text, search.leg) IS
    'Similarity above which a neighbour in the space of a leg is near, NULL where unknown.';
