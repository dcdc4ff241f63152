-- Makes a database a shard of this one, its coordinator, or gives a shard that is known a new address.
-- connection: host, port, dbname, user, password, ssl… as libpq names them. The address is kept in the
-- foreign server seogo_shard_NAME, the user and the password in its user mapping alone. Where the shard has
-- no number yet, it gets the first free one, and ids of its items from there on. Returns the number. SG004
-- where coordinator and shard differ in version: what they count and score must be the same.
--   SELECT ops.add_shard('a', '{"host": "10.0.0.1", "dbname": "seogo", "user": "seogo", "password": "…"}');
CREATE OR REPLACE FUNCTION ops.add_shard(name text, connection jsonb)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    addresses CONSTANT text[] :=
        '{host,hostaddr,port,dbname,sslmode,sslrootcert,sslnegotiation,connect_timeout,'
        'application_name,keepalives,keepalives_idle,keepalives_interval,keepalives_count,tcp_user_timeout,'
        'channel_binding,target_session_attrs}';
    server CONSTANT text := 'seogo_shard_' || name;
    owner CONSTANT text := (SELECT p.proowner::regrole::text FROM pg_proc AS p
                            WHERE p.oid = 'impl.ask_shards'::regproc);
    told jsonb;
    mine CONSTANT jsonb := impl.answer_hello('{}');
    number int;
    wrong text;
BEGIN
    IF name IS NULL OR name !~ '^[a-z][a-z0-9_-]{0,40}$' THEN
        RAISE EXCEPTION 'a shard cannot be named %', coalesce(name, '(null)') USING ERRCODE = 'SG004',
            HINT = 'A name is a lower-case letter, then up to 40 lower-case letters, digits, - and _.';
    ELSIF name = impl.shard_name(0) THEN
        RAISE EXCEPTION 'a shard cannot be named %: that is this database itself', name
            USING ERRCODE = 'SG004', HINT = 'Take another name.';
    END IF;
    SELECT string_agg(k, ', ') INTO wrong FROM jsonb_object_keys(connection) AS k
    WHERE k <> ALL (addresses || '{user,password}');
    IF wrong IS NOT NULL OR NOT connection ? 'dbname' THEN
        RAISE EXCEPTION 'a shard is not reached by %', coalesce(wrong, 'an address without dbname')
            USING ERRCODE = 'SG004', HINT = 'Known: ' || array_to_string(addresses, ', ') ||
                ', user, password.';
    END IF;
    PERFORM impl.make_dblink();
    IF EXISTS (SELECT FROM pg_foreign_server AS s WHERE s.srvname = server) THEN
        PERFORM impl.shard_hang_up(ARRAY[name]);
        EXECUTE format('DROP SERVER %I CASCADE', server);
    END IF;
    EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER dblink_fdw OPTIONS (%s)', server,
        (SELECT string_agg(format('%I %L', o.key, o.value), ', ')
         FROM jsonb_each_text('{"connect_timeout": "5"}'::jsonb || connection - '{user,password}'::text[])
             AS o));
    EXECUTE format('CREATE USER MAPPING FOR %s SERVER %I %s', owner, server, (
        SELECT 'OPTIONS (' || string_agg(format('%I %L', o.key, o.value), ', ') || ')'
        FROM jsonb_each_text(connection) AS o WHERE o.key IN ('user', 'password')));
    told := impl.greet_shard(name);
    wrong := impl.shard_difference(mine, told);
    IF wrong IS NOT NULL OR told -> 'system' = mine -> 'system' THEN
        RAISE EXCEPTION '% cannot be a shard: %', name, coalesce(wrong, 'it is this database itself')
            USING ERRCODE = 'SG004',
                  HINT = 'One version of Seogo and of pgvector on each, then `seogo db upgrade`.';
    END IF;
    number := told -> 'number';
    IF number = 0 THEN
        number := coalesce((SELECT s.id FROM core.shard AS s WHERE s.name = add_shard.name), (
            SELECT min(n) FROM generate_series(1, 8999) AS n WHERE n NOT IN (SELECT s.id
                FROM core.shard AS s)));
        PERFORM impl.shard_send(name, format('SELECT ops.enroll_shard(%s)::text', number), false),
                impl.shard_receive(name);
    END IF;
    IF EXISTS (SELECT FROM core.shard AS s WHERE (s.name = add_shard.name) <> (s.id = number)) THEN
        RAISE EXCEPTION 'the shard has number %, which is not that of %', number, name
            USING ERRCODE = 'SG004', HINT =
                'See `seogo shard list`: one database is one shard, under one name.';
    END IF;
    INSERT INTO core.shard (id, name) VALUES (number, name) ON CONFLICT DO NOTHING;
    RETURN number;
END $$;

COMMENT ON FUNCTION ops.add_shard(text, jsonb) IS
    'Makes a database a shard of this one, or gives it a new address; returns its number.';
