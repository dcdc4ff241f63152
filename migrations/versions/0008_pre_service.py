"""API keys with the collections they may see, and rate limits that all service processes share.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from migrations.script import execute

revision = "0008"
down_revision = "0007"

KEYS = """
CREATE TABLE ops.api_key (
    id           int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    prefix       text NOT NULL UNIQUE CHECK (prefix ~ '^[a-z2-7]{8}$'),
    digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
    scope        text NOT NULL CHECK (scope IN ('reader', 'writer', 'admin')),
    collections  text[] CHECK (cardinality(collections) > 0 AND array_position(collections, NULL) IS NULL),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    replaced_by  int REFERENCES ops.api_key
);
COMMENT ON TABLE ops.api_key IS
    'Keys of the HTTP API. Only the SHA-256 of the secret is kept: the secret has 256 random bits, so there is nothing to guess that a slow hash would protect.';
COMMENT ON COLUMN ops.api_key.collections IS 'The only collections this key can see; NULL: all.';

CREATE UNLOGGED TABLE ops.rate_bucket (
    name      text PRIMARY KEY,
    tokens    float8 NOT NULL,
    filled_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX rate_bucket_filled_idx ON ops.rate_bucket (filled_at);
COMMENT ON TABLE ops.rate_bucket IS 'Tokens left per caller, as of filled_at. Lost after a crash: everybody starts with a full bucket.';
"""

# Every function and view comes to items through their collection, so that hiding collections hides what is in them,
# and the plans of the big tables stay what they are. Owners and analysts, who do not set seogo.collections, see all.
SCOPE = """
ALTER TABLE core.collection ENABLE ROW LEVEL SECURITY;
CREATE POLICY collections_in_scope ON core.collection USING (
    coalesce(name = ANY (string_to_array(nullif(current_setting('seogo.collections', true), ''), ',')), true));
COMMENT ON POLICY collections_in_scope ON core.collection IS
    'Who has set seogo.collections (names, separated by commas) sees and makes only those; the service does so for keys that are limited to some.';
"""

# The service takes the role of a key's scope for the time of a statement. Superusers need no grant for that.
ROLES = """
DO $$
DECLARE role_name text;
BEGIN
    FOR role_name IN SELECT r.rolname FROM pg_roles AS r
        WHERE r.rolname IN ('seogo_reader', 'seogo_writer', 'seogo_admin') AND NOT pg_has_role(current_user, r.oid, 'SET')
    LOOP
        EXECUTE format('GRANT %I TO %I WITH SET TRUE, INHERIT FALSE', role_name, current_user);
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege OR invalid_grant_operation THEN
        RAISE NOTICE 'the roles that API keys act in are not ours to take: %', SQLERRM;
END $$;
"""


def upgrade() -> None:
    """Apply."""
    for script in (KEYS, SCOPE, ROLES):
        execute(script)
