-- Facts that a shard tells of itself (impl.answer_hello), over a new connection; SG005 where it does not
-- answer.
--   SELECT impl.greet_shard('a');
CREATE OR REPLACE FUNCTION impl.greet_shard(shard text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    down CONSTANT text := impl.shard_send(shard, $q$SELECT impl.shard_answer('{"do": "hello"}')::text$q$,
        true);
BEGIN
    IF down IS NOT NULL THEN
        RAISE EXCEPTION 'shard % does not answer: %', shard, down USING ERRCODE = 'SG005',
            HINT = 'Check its address, user and password, and that it runs.';
    END IF;
    RETURN impl.shard_receive(shard);
EXCEPTION WHEN undefined_function OR invalid_schema_name OR undefined_table THEN
    RAISE EXCEPTION '% is no database of Seogo, or of another version: %', shard, SQLERRM
        USING ERRCODE = 'SG004',
        HINT = 'Run `seogo db upgrade` there with the version of this one.';
END $$;

COMMENT ON FUNCTION impl.greet_shard(text) IS 'Facts that a shard tells of itself.';
