-- Stores an API key and returns its id. The caller has generated the secret and passes its SHA-256 only. A
-- key acts in the role of its scope: seogo_reader, seogo_writer or seogo_admin. collections NULL: all, also
-- future ones. expires_at NULL: never.
--   SELECT ops.create_key('shop', 'abcdefgh', sha256('secret'), 'reader', '{parts}');
CREATE OR REPLACE FUNCTION ops.create_key(
    name text,
    prefix text,
    digest bytea,
    scope text,
    collections text[] DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    role_name CONSTANT text := 'seogo_' || create_key.scope;
    made int;
BEGIN
    PERFORM impl.named_collection(c.name) FROM unnest(create_key.collections) AS c(name);
    IF NOT EXISTS (SELECT FROM pg_roles AS r
                   WHERE r.rolname = role_name AND pg_has_role(session_user, r.oid, 'SET')) THEN
        RAISE EXCEPTION '% may not act as %', session_user, role_name
            USING ERRCODE = 'SG004',
                  HINT = format('As a superuser: GRANT %I TO %I WITH SET TRUE;', role_name, session_user);
    END IF;
    INSERT INTO ops.api_key (name, prefix, digest, scope, collections, expires_at)
    VALUES (create_key.name, create_key.prefix, create_key.digest, create_key.scope, create_key.collections,
            create_key.expires_at)
    RETURNING id INTO made;
    RETURN made;
END $$;

COMMENT ON FUNCTION ops.create_key(text, text, bytea, text, text[], timestamptz) IS
    'Stores the digest of an API key with its rights; returns its id.';
