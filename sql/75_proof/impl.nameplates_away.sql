-- Nameplates of the items of a sharded collection that have pictures (impl.nameplate_of), by id; NULL where
-- its items are here.
--   SELECT impl.nameplates_away(impl.named_collection('parts'));
CREATE OR REPLACE FUNCTION impl.nameplates_away(cid int)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT impl.is_spread(cid) THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}')
        FROM impl.ask_shards(impl.shards_of(cid), ARRAY[jsonb_build_object(
            'do', 'nameplates', 'collection', (SELECT c.name FROM core.collection AS c WHERE c.id = cid))])
            AS a
        CROSS JOIN LATERAL jsonb_each(a.answer -> 'plates') AS e);
END $$;

COMMENT ON FUNCTION impl.nameplates_away(int) IS
    'Nameplates of the items of a sharded collection that have pictures, by id.';
