-- Changes settings of a collection; NULL leaves a setting unchanged. After a change of analyzer or field
-- weights the search uses the old index until `seogo maintain` has built a new one and swapped them. New
-- picture readers apply to pictures added from now on; ops.read_again queues the existing ones. k1 and b, the
-- constants of BM25, apply at once; while an index is being built they belong to the new one. New identifier
-- fields are read from all items at once; writers wait meanwhile.
--   SELECT ops.alter_collection('parts', field_weights => '{"title": 3}');
CREATE OR REPLACE FUNCTION ops.alter_collection(
    name text,
    analyzer text DEFAULT NULL,
    field_weights jsonb DEFAULT NULL,
    picture_readers jsonb DEFAULT NULL,
    k1 float8 DEFAULT NULL,
    b float8 DEFAULT NULL,
    identifier_fields text[] DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cid CONSTANT int := impl.named_collection(alter_collection.name);
BEGIN
    PERFORM impl.check_readers(alter_collection.picture_readers);
    IF NOT (coalesce(k1, 0) BETWEEN 0 AND 1000 AND coalesce(b, 0) BETWEEN 0 AND 1) THEN
        RAISE EXCEPTION 'cannot set k1 % and b %', coalesce(k1::text, 'as it is'),
            coalesce(b::text, 'as it is')
            USING ERRCODE = 'SG004', HINT = 'k1 is 0 to 1000, mostly 0.5 to 2; b is 0 to 1.';
    END IF;
    UPDATE core.collection AS c
    SET analyzer = coalesce(alter_collection.analyzer, c.analyzer),
        field_weights = coalesce(alter_collection.field_weights, c.field_weights),
        picture_readers = coalesce(alter_collection.picture_readers, c.picture_readers)
    WHERE c.id = cid;
    PERFORM impl.set_identifier_fields(cid, alter_collection.identifier_fields);
    UPDATE core.lexical_index AS x
    SET k1 = coalesce(alter_collection.k1, x.k1), b = coalesce(alter_collection.b, x.b)
    WHERE num_nonnulls(alter_collection.k1, alter_collection.b) > 0 AND x.id = (
        SELECT l.id FROM core.lexical_index AS l WHERE l.collection_id = cid
        ORDER BY l.status = 'building' DESC LIMIT 1);
    IF impl.is_spread(cid) THEN
        PERFORM ops.tell_shards(cid, format(
            'SELECT ops.alter_collection(%L, %L, %L, %L, %L, %L, %L)::text',
            alter_collection.name, alter_collection.analyzer, alter_collection.field_weights,
            alter_collection.picture_readers, alter_collection.k1, alter_collection.b,
            alter_collection.identifier_fields));
    END IF;
END $$;

COMMENT ON FUNCTION ops.alter_collection(text, text, jsonb, jsonb, float8, float8, text[]) IS
    'Changes settings of a collection; `seogo maintain` applies those of the lexical index.';
