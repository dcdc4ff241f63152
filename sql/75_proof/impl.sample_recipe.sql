-- Recipe of a sample with its defaults filled in, or SG004 with what is wrong: collection; n, queries at
-- most; by, a key of the metadata; version: all, by-category (as many queries of each value of by) or
-- no-nameplate (of items with pictures that show none); seed; filter; fields, NULL: all fields.
--   SELECT impl.sample_recipe('{"collection": "parts", "by": "category", "version": "by-category"}');
CREATE OR REPLACE FUNCTION impl.sample_recipe(recipe jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known CONSTANT jsonb := '{"collection": null, "n": 300, "by": null, "version": "all", "seed": 1,
                              "filter": null, "fields": null}';
    made CONSTANT jsonb := known || coalesce(recipe, '{}');
    odd CONSTANT text := (SELECT min(k) FROM jsonb_object_keys(made) AS k WHERE NOT known ? k);
BEGIN
    PERFORM impl.named_collection(made ->> 'collection');
    IF made ->> 'by' IS NOT NULL THEN
        PERFORM impl.metadata_path(made ->> 'by');
    END IF;
    PERFORM impl.parse_filter(made ->> 'filter');
    IF odd IS NOT NULL OR jsonb_typeof(made -> 'fields') NOT IN ('array', 'null') THEN
        RAISE EXCEPTION 'a recipe has no such entry: %', coalesce(odd, 'fields, which is a list')
            USING ERRCODE = 'SG004', HINT = 'It has collection, n, by, version, seed, filter and fields.';
    ELSIF (made ->> 'version') NOT IN ('all', 'by-category', 'no-nameplate')
        OR made ->> 'version' = 'by-category' AND made ->> 'by' IS NULL THEN
        RAISE EXCEPTION 'cannot make the version %', made ->> 'version' USING ERRCODE = 'SG004',
            HINT = 'all, by-category (which takes by, a key of the metadata), or no-nameplate.';
    ELSIF jsonb_typeof(made -> 'n') <> 'number' OR jsonb_typeof(made -> 'seed') <> 'number'
        OR (made ->> 'n')::numeric NOT BETWEEN 1 AND 10000
        OR abs((made ->> 'seed')::numeric) > 1000000000 THEN
        RAISE EXCEPTION 'cannot draw % queries by seed %', made ->> 'n', made ->> 'seed'
            USING ERRCODE = 'SG004', HINT = 'n is 1 to 10000, seed a whole number up to 10^9.';
    END IF;
    RETURN made;
END $$;

COMMENT ON FUNCTION impl.sample_recipe(jsonb) IS 'Recipe of a sample of queries, checked, with its defaults.';
