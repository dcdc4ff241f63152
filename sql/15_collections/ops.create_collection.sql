-- Creates a collection; with the same name and settings again it does nothing. shards: names of those on
-- which its items are to be (ops.spread_collection), in equal parts; by default they are here.
--   SELECT ops.create_collection('parts', 'korean', '{"title": 3}', '{part_number}',
--       '{"text": {"item": ["title", "description"]}}');
CREATE OR REPLACE FUNCTION ops.create_collection(
    name text,
    analyzer text DEFAULT 'korean',
    field_weights jsonb DEFAULT '{}',
    identifier_fields text[] DEFAULT '{}',
    vector_sources jsonb DEFAULT '{}',
    picture_readers jsonb DEFAULT '{}',
    shards text[] DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made int;
    there core.collection;
    others jsonb;
BEGIN
    IF name IS NULL OR name !~ '^[a-z][a-z0-9_-]{0,62}$' THEN
        RAISE EXCEPTION 'a collection cannot be named %', coalesce(name, '(null)')
            USING ERRCODE = 'SG004',
                  HINT = 'A name is a lower-case letter, then up to 62 lower-case letters, digits, - and _.';
    END IF;
    PERFORM impl.check_readers(picture_readers);
    INSERT INTO core.collection (name, analyzer, field_weights, identifier_fields, vector_sources,
                                 picture_readers)
    VALUES (name, analyzer, field_weights, identifier_fields, vector_sources, picture_readers)
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        SELECT c.* INTO there FROM core.collection AS c WHERE c.name = create_collection.name;
        SELECT jsonb_object_agg(g.key, e.value) INTO others
        FROM jsonb_each(jsonb_build_object(
            'analyzer', analyzer, 'field_weights', field_weights, 'identifier_fields', identifier_fields,
            'vector_sources', vector_sources, 'picture_readers', picture_readers)) AS g
        JOIN jsonb_each(to_jsonb(there)) AS e USING (key)
        WHERE e.value IS DISTINCT FROM g.value;
        IF others IS NOT NULL THEN
            RAISE EXCEPTION 'collection % exists with other settings', name
                USING ERRCODE = 'SG004',
                    HINT = format('It has %s. Create it with these, take another name, or delete that one '
                                  'with all that is in it: seogo collection delete %s', others, name);
        END IF;
        made := there.id;
    END IF;
    IF shards IS NOT NULL AND NOT impl.is_spread(made) THEN
        PERFORM ops.spread_collection(name, shards);
    ELSIF shards IS DISTINCT FROM (
            SELECT array_agg(s.name ORDER BY l.slots) FROM core.shard_slots AS l
            JOIN core.shard AS s ON s.id = l.shard_id WHERE l.collection_id = made)
                AND shards IS NOT NULL THEN
        RAISE EXCEPTION 'collection % is on other shards', name USING ERRCODE = 'SG004',
            HINT = '`seogo shard list` shows which; `seogo shard move` moves items.';
    END IF;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.create_collection(text, text, jsonb, text[], jsonb, jsonb, text[]) IS
    'Creates a collection and returns its id.';
