"""API keys, sessions, and the rate limits that all service processes share."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.query import Query
from db.calls.rows import Done, Id

KeyScope = Literal["reader", "writer", "admin"]

_TOKEN = re.compile("seogo_([a-z2-7]{8})_([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """The token of a key: `seogo_PREFIX_SECRET`. The prefix finds it, the secret proves it."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"seogo_{self.prefix}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """SHA-256 of the secret, as the database keeps it.

        A plain hash is right here: the secret has 256 random bits, so that nobody finds it by
        trying, however fast the hash. Slow hashes protect what people choose themselves.
        """
        return hashlib.sha256(self.secret.encode()).digest()


def new_token() -> Token:
    """Generate a token: a prefix of 40 random bits and a secret of 256."""
    prefix = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    return Token(prefix, secrets.token_urlsafe(32))


def parse_token(text: str) -> Token | None:
    """Parse a token; None where the text is not one."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else Token(found[1], found[2])


def new_session() -> str:
    """Generate the token of a session: 256 random bits."""
    return secrets.token_urlsafe(32)


def session_digest(token: str) -> bytes:
    """SHA-256 of a session's token, as the database keeps it."""
    return hashlib.sha256(token.encode()).digest()


class Wait(msgspec.Struct, frozen=True):
    """Seconds to wait for a rate limit."""

    seconds: float


class CheckedKey(msgspec.Struct, frozen=True, kw_only=True):
    """The row of `ops.check_key`: `id` and all that follows are None where no valid key has the prefix."""

    any_keys: bool
    id: int | None
    name: str | None
    digest: bytes | None
    scope: KeyScope | None
    collections: list[str] | None


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key in lists: everything but its secret, which is not stored."""

    prefix: str
    name: str
    scope: KeyScope
    collections: list[str] | None
    state: Literal["valid", "replaced", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


create_key = scalar("ops.create_key", Id)
rotate_key = scalar("ops.rotate_key", Id)
revoke_key = scalar("ops.revoke_key", Done)
# Always one row.
check_key = function("ops.check_key", CheckedKey)
# Whether it was opened.
open_session = scalar("ops.open_session", Done)
# Whether there was one.
close_session = scalar("ops.close_session", Done)
# Whether it was written.
note_key_use = scalar("ops.note_key_use", Done)
# The latest first.
keys = statement("keys", "keys", ApiKey)
# 0 when the tokens were taken.
take_token = scalar("ops.take_token", Wait)
_check_session = function("ops.check_session", CheckedKey)


def check_session(*, digest: bytes) -> Query[CheckedKey]:
    """Look up the key of a session; always one row."""
    return _check_session(shown=digest)


def new_key(
    *, name: str, scope: KeyScope, collections: list[str] | None, days: int | None
) -> tuple[Token, Query[Id]]:
    """Make a key that ends after some days (None: never); its token, and what writes the key."""
    token = new_token()
    write = create_key(
        name=name,
        prefix=token.prefix,
        digest=token.digest,
        scope=scope,
        collections=collections,
        expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
    )
    return token, write


def replaced_key(*, prefix: str, grace_hours: float) -> tuple[Token, Query[Id]]:
    """Make a key in place of another, which works on for some hours; its token, and what writes it."""
    token = new_token()
    grace = timedelta(hours=grace_hours)
    write = rotate_key(old_prefix=prefix, prefix=token.prefix, digest=token.digest, grace=grace)
    return token, write
