-- Sets the shape that every search.hybrid of a collection has, unless the query says otherwise; NULL or {}
-- removes it. A collapse without a group, at most.
--   SELECT ops.set_shape('parts', '{"boosts": [{"filter": {"in_stock": true}, "factor": 1.2}]}');
CREATE OR REPLACE FUNCTION ops.set_shape(collection text, shape jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(collection);
BEGIN
    PERFORM impl.check_shape(shape);
    IF shape #> '{collapse,group}' IS NOT NULL OR shape ? 'defaults' THEN
        RAISE EXCEPTION 'a collection''s shape has no group and no defaults' USING ERRCODE = 'SG004',
            HINT = 'These are for single queries.';
    END IF;
    UPDATE core.collection AS c SET shape = nullif(jsonb_strip_nulls(set_shape.shape), '{}') WHERE c.id = cid;
END $$;

COMMENT ON FUNCTION ops.set_shape(text, jsonb) IS 'Sets the default shape of a collection''s results.';
