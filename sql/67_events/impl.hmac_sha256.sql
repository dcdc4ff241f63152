-- HMAC-SHA256 (RFC 2104) of a message by a key of at most 64 bytes; the server has sha256, but no HMAC
-- without an extension.
--   SELECT encode(impl.hmac_sha256('Jefe', 'what do ya want for nothing?'), 'hex');
CREATE OR REPLACE FUNCTION impl.hmac_sha256(key bytea, message bytea)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    block_bytes CONSTANT int := 64;
    inner_pad bytea := key || decode(repeat('00', block_bytes - octet_length(key)), 'hex');
    outer_pad bytea := inner_pad;
BEGIN
    FOR at IN 0 .. block_bytes - 1 LOOP
        inner_pad := set_byte(inner_pad, at, get_byte(inner_pad, at) # x'36'::int);
        outer_pad := set_byte(outer_pad, at, get_byte(outer_pad, at) # x'5c'::int);
    END LOOP;
    RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;

COMMENT ON FUNCTION impl.hmac_sha256(bytea, bytea) IS 'HMAC-SHA256; the key has at most 64 bytes.';
