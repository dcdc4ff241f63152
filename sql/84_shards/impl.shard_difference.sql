-- Names what differs between a coordinator and a shard (impl.answer_hello of both), so that they would not
-- count and score alike; NULL where nothing does.
--   SELECT impl.shard_difference(impl.answer_hello('{}'), impl.answer_hello('{}'));
CREATE OR REPLACE FUNCTION impl.shard_difference(mine jsonb, told jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT string_agg(format('%s is %s there, %s here', w.what, told ->> w.key, mine ->> w.key), '; ' ORDER
        BY w.key)
    FROM (VALUES ('revision', 'the schema'), ('functions', 'the text of the functions'),
                 ('analyzer', 'the version of the analyzers'), ('vector', 'pgvector')) AS w(key, what)
    WHERE told -> w.key IS DISTINCT FROM mine -> w.key
$$;

COMMENT ON FUNCTION impl.shard_difference(jsonb, jsonb) IS
    'Differences between a coordinator and a shard that must not be; NULL: none.';
