-- Changes settings of a collection; NULL keeps what is. With another analyzer or other field weights the search
-- goes on with the old index until `seogo maintain` has built the new one beside it and swapped them. Other readers
-- get the pictures of items to come; ops.read_again gives them those that are there.
--   SELECT ops.alter_collection('parts', field_weights => '{"title": 3}');
CREATE OR REPLACE FUNCTION ops.alter_collection(
    name text, analyzer text DEFAULT NULL, field_weights jsonb DEFAULT NULL, picture_readers jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM impl.check_readers(alter_collection.picture_readers);
    UPDATE core.collection AS c
    SET analyzer = coalesce(alter_collection.analyzer, c.analyzer),
        field_weights = coalesce(alter_collection.field_weights, c.field_weights),
        picture_readers = coalesce(alter_collection.picture_readers, c.picture_readers)
    WHERE c.id = impl.collection_id(alter_collection.name);
END $$;

COMMENT ON FUNCTION ops.alter_collection(text, text, jsonb, jsonb) IS 'Changes settings of a collection; `seogo maintain` puts lexical ones in force.';
