-- Looks up the live generation of a space, or the one that is named, whatever its state: 'text@2'. A caller
-- who has encoded a query names the generation of its encoder, so that a switch cannot compare it with other
-- vectors.
--   SELECT (impl.live_space('text')).dim;
CREATE OR REPLACE FUNCTION impl.live_space(space text)
RETURNS ops.space
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found ops.space;
BEGIN
    IF space LIKE '%@%' THEN
        SELECT s.* INTO found FROM ops.space AS s
        WHERE s.name = split_part(space, '@', 1) AND s.generation::text = split_part(space, '@', 2);
    ELSE
        SELECT s.* INTO found FROM ops.space AS s WHERE s.name = live_space.space AND s.status = 'live';
    END IF;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'unknown embedding space: %', coalesce(space, '(null)')
            USING ERRCODE = 'SG001',
                  HINT = 'Live spaces: ' || coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name)
                                                      FROM ops.space AS s
                                                      WHERE s.status = 'live'), 'none yet')
                      || '. `seogo embed` makes those that collections ask for.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.live_space(text) IS
    'Row of the live generation of a space, or of a generation by name (text@2); SG001 when there is none.';
