-- Looks up a space of kind sparse that a collection feeds: the one named (a generation of it by text@2), or
-- the first live one by name. SG001 where there is none.
--   SELECT (impl.sparse_space('parts', NULL)).name;
CREATE OR REPLACE FUNCTION impl.sparse_space(collection text, space text)
RETURNS ops.space
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
    found ops.space;
BEGIN
    SELECT s.* INTO found FROM ops.space AS s JOIN core.collection AS c ON c.vector_sources ? s.name
    WHERE c.id = cid AND s.kind = 'sparse' AND s.status = 'live' AND space IS NULL
    ORDER BY s.name LIMIT 1;
    IF space IS NOT NULL THEN
        found := impl.live_space(space);
    END IF;
    IF found.kind IS DISTINCT FROM 'sparse' THEN
        RAISE EXCEPTION 'collection % has no space % of kind sparse', collection, coalesce(space, '')
            USING ERRCODE = 'SG001',
                  HINT = 'Feed one: `seogo reembed start --space NAME --encoder ENCODER --feed …`.';
    END IF;
    RETURN found;
END $$;

COMMENT ON FUNCTION impl.sparse_space(text, text) IS 'A space of kind sparse of a collection.';
