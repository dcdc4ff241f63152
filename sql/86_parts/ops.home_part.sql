-- On a shard: makes a collection of a coordinator, or the kept copy of it that is here, a copy to be filled
-- by a move, with these slots and settings (impl.spread_settings), from the shard of a number. into_name: the
-- collection whose part here it is to join; it has no suggestions of its own then.
--   SELECT ops.home_part('parts', '{[0,2048)}', impl.spread_settings(1), 1, gen_random_uuid());
CREATE OR REPLACE FUNCTION ops.home_part(
    name text,
    slots int4multirange,
    settings jsonb,
    source int,
    mover uuid,
    into_name text DEFAULT NULL)
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
    IF NOT EXISTS (SELECT FROM core.shard_home AS h WHERE h.collection_id = made)
       AND EXISTS (SELECT FROM core.item AS i WHERE i.collection_id = made) THEN
        RAISE EXCEPTION 'a collection % of that server''s own is there, with items', name
            USING ERRCODE = 'SG004', HINT = 'Move to another database: several may be on one server.';
    END IF;
    INSERT INTO core.shard_home AS h (collection_id, slots, state, peers, mover, into_id)
    VALUES (made, slots, 'filling', ARRAY[source], mover,
            CASE WHEN into_name IS NOT NULL THEN impl.named_collection(into_name) END)
    ON CONFLICT (collection_id) DO UPDATE
        SET slots = excluded.slots, state = 'filling', peers = excluded.peers, mover = excluded.mover
        WHERE h.state = 'left' OR h.state IN ('filling', 'closed') AND h.mover = excluded.mover;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'that shard has a part of collection % already, or is being filled by another move',
            name USING ERRCODE = 'SG004', HINT = 'Take a database that has none of it, or see `seogo shard '
                'doctor` on the other coordinator. A copy nobody needs: ops.drop_part there.';
    END IF;
    PERFORM ops.alter_collection(name, k1 => (settings ->> 'k1')::float8, b => (settings ->> 'b')::float8),
            ops.set_suggestions(name, CASE WHEN into_name IS NULL THEN ARRAY(
                SELECT jsonb_array_elements_text(settings -> 'title_fields')) ELSE '{}' END);
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.home_part(text, int4multirange, jsonb, int, uuid, text) IS
    'Makes a copy on a shard that a move is to fill.';
