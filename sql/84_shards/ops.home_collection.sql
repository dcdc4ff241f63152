-- On a shard: makes a collection of a coordinator, with its settings (impl.spread_settings) and slots, where
-- it is not there; SG004 where it is there with others.
--   SELECT ops.home_collection('parts', '{[0,2048)}', impl.spread_settings(impl.collection_id('other')));
CREATE OR REPLACE FUNCTION ops.home_collection(name text, slots int4multirange, settings jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made CONSTANT int := ops.create_collection(
        name, settings ->> 'analyzer', settings -> 'field_weights',
        ARRAY(SELECT jsonb_array_elements_text(settings -> 'identifier_fields')),
        settings -> 'vector_sources', settings -> 'picture_readers');
BEGIN
    PERFORM impl.refuse_products(made)
    WHERE NOT EXISTS (SELECT FROM core.shard_home AS h WHERE h.collection_id = made);
    INSERT INTO core.shard_home (collection_id, slots) VALUES (made, slots) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM core.shard_home AS h WHERE h.collection_id = made
        AND h.slots = home_collection.slots AND h.state = 'open') THEN
        RAISE EXCEPTION 'collection % is here with other slots, or on the move', name USING ERRCODE = 'SG004',
            HINT = 'Name the shards in the order in which the other coordinator did.';
    END IF;
    PERFORM ops.alter_collection(name, k1 => (settings ->> 'k1')::float8, b => (settings ->> 'b')::float8),
            ops.set_suggestions(name, ARRAY(SELECT jsonb_array_elements_text(settings -> 'title_fields')));
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.home_collection(text, int4multirange, jsonb) IS
    'Makes a collection of a coordinator on its shard.';
