-- The live generation of a space, or a clear error.
--   SELECT (impl.live_space('text')).dim;
CREATE OR REPLACE FUNCTION impl.live_space(space text)
RETURNS ops.space
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found ops.space;
BEGIN
    SELECT s.* INTO found FROM ops.space AS s WHERE s.name = live_space.space AND s.status = 'live';
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'unknown embedding space: %', coalesce(space, '(null)')
            USING ERRCODE = 'SG001',
                  HINT = 'Live spaces: ' || coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM ops.space AS s WHERE s.status = 'live'), 'none yet')
                      || '. `seogo embed` makes those that collections ask for.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.live_space(text) IS 'Row of the live generation of a space; SG001 when there is none.';
