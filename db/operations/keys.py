"""Wrappers of API keys and of the rate limits that all service processes share."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from db.calls.query import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

KeyScope = Literal["reader", "writer", "admin"]

_TOKEN = re.compile("seogo_([a-z2-7]{8})_([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """A key as its holder has it: `seogo_PREFIX_SECRET`. The prefix finds it, the secret proves it."""

    prefix: str
    secret: str

    def __str__(self) -> str:
        return f"seogo_{self.prefix}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What the database keeps: SHA-256 of the secret.

        A plain hash is right here: the secret has 256 random bits, so that nobody finds it by
        trying, however fast the hash. Slow hashes protect what people choose themselves.
        """
        return hashlib.sha256(self.secret.encode()).digest()


def new_token() -> Token:
    """A token with 40 random bits to be found by and 256 to prove itself."""
    prefix = base64.b32encode(secrets.token_bytes(5)).decode().lower()
    return Token(prefix, secrets.token_urlsafe(32))


def parse_token(text: str) -> Token | None:
    """Read a token; None where it is none."""
    found = _TOKEN.fullmatch(text)
    return None if found is None else Token(found[1], found[2])


def new_session() -> str:
    """The token of a session: 256 random bits."""
    return secrets.token_urlsafe(32)


def session_digest(token: str) -> bytes:
    """What the database keeps of a session's token; see `Token.digest`."""
    return hashlib.sha256(token.encode()).digest()


class _Id(msgspec.Struct, frozen=True):
    id: int


class _Done(msgspec.Struct, frozen=True):
    done: bool


class _Wait(msgspec.Struct, frozen=True):
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
    """A key as it is listed: everything but its secret, which nobody has."""

    prefix: str
    name: str
    scope: KeyScope
    collections: list[str] | None
    state: Literal["valid", "replaced", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def create_key(
    *,
    name: str,
    prefix: str,
    digest: bytes,
    scope: KeyScope,
    collections: Sequence[str] | None = None,
    expires_at: datetime | None = None,
) -> Query[_Id]:
    """`ops.create_key`."""
    return Query(
        "SELECT ops.create_key(%(name)s, %(prefix)s, %(digest)s, %(scope)s, %(collections)s,"
        " %(expires_at)s) AS id",
        {
            "name": name,
            "prefix": prefix,
            "digest": digest,
            "scope": scope,
            "collections": None if collections is None else list(collections),
            "expires_at": expires_at,
        },
        _Id,
    )


def rotate_key(*, old_prefix: str, prefix: str, digest: bytes, grace: timedelta) -> Query[_Id]:
    """`ops.rotate_key`."""
    return Query(
        "SELECT ops.rotate_key(%(old_prefix)s, %(prefix)s, %(digest)s, %(grace)s) AS id",
        {"old_prefix": old_prefix, "prefix": prefix, "digest": digest, "grace": grace},
        _Id,
    )


def revoke_key(*, prefix: str) -> Query[_Done]:
    """`ops.revoke_key`."""
    return Query("SELECT ops.revoke_key(%(prefix)s) AS done", {"prefix": prefix}, _Done)


def check_key(*, prefix: str) -> Query[CheckedKey]:
    """`ops.check_key`; always one row."""
    return Query("SELECT * FROM ops.check_key(%(prefix)s)", {"prefix": prefix}, CheckedKey)


def open_session(*, key_id: int, digest: bytes) -> Query[_Done]:
    """`ops.open_session`; whether it was opened."""
    return Query(
        "SELECT ops.open_session(%(key_id)s, %(digest)s) AS done",
        {"key_id": key_id, "digest": digest},
        _Done,
    )


def check_session(*, digest: bytes) -> Query[CheckedKey]:
    """`ops.check_session`; always one row."""
    return Query("SELECT * FROM ops.check_session(%(digest)s)", {"digest": digest}, CheckedKey)


def close_session(*, digest: bytes) -> Query[_Done]:
    """`ops.close_session`; whether there was one."""
    return Query("SELECT ops.close_session(%(digest)s) AS done", {"digest": digest}, _Done)


def note_key_use(*, key_id: int) -> Query[_Done]:
    """`ops.note_key_use`; whether it was written."""
    return Query("SELECT ops.note_key_use(%(key_id)s) AS done", {"key_id": key_id}, _Done)


def keys() -> Query[ApiKey]:
    """All keys, the latest first."""
    return Query(
        "SELECT k.prefix, k.name, k.scope, k.collections, CASE WHEN k.revoked_at IS NOT NULL THEN"
        " 'revoked' WHEN k.expires_at <= now() THEN 'expired' WHEN k.replaced_by IS NOT NULL THEN"
        " 'replaced' ELSE 'valid' END AS state, k.created_at, k.expires_at, k.last_used_at"
        " FROM ops.api_key AS k ORDER BY k.id DESC",
        {},
        ApiKey,
    )


def take_token(*, bucket: str, per_minute: float, burst: float, cost: float = 1.0) -> Query[_Wait]:
    """`ops.take_token`: seconds to wait, 0 when the tokens were taken."""
    return Query(
        "SELECT ops.take_token(%(bucket)s, %(per_minute)s, %(burst)s, %(cost)s) AS seconds",
        {"bucket": bucket, "per_minute": per_minute, "burst": burst, "cost": cost},
        _Wait,
    )
