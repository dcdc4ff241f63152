-- Changes a collection's analyzer or field weights; NULL keeps what is. The search goes on with the old index
-- until `seogo maintain` has built the new one beside it and swapped them.
--   SELECT ops.alter_collection('parts', field_weights => '{"title": 3}');
CREATE OR REPLACE FUNCTION ops.alter_collection(name text, analyzer text DEFAULT NULL, field_weights jsonb DEFAULT NULL)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE core.collection AS c
    SET analyzer = coalesce(alter_collection.analyzer, c.analyzer),
        field_weights = coalesce(alter_collection.field_weights, c.field_weights)
    WHERE c.id = impl.collection_id(alter_collection.name)
$$;

COMMENT ON FUNCTION ops.alter_collection(text, text, jsonb) IS 'Changes the lexical settings of a collection; `seogo maintain` puts them in force.';
