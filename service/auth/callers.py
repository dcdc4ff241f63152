"""Callers of the API and their rights."""

from typing import Any, Literal

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.types import Scope
from msgspec import Struct

from db.operations.keys import KeyScope

Connection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]

_KEY = "seogo_caller"
_RANKS: dict[KeyScope, int] = {"reader": 1, "writer": 2, "admin": 3}


class Caller(Struct, frozen=True, kw_only=True):
    """The sender of a request.

    Attributes:
        key_id: of the API key; None where no keys exist and the machine itself asks.
        name: of the key.
        scope: what the caller may do; each includes those before it.
        collections: the only ones the caller sees; None: all.
    """

    key_id: int | None
    name: str
    scope: KeyScope
    collections: tuple[str, ...] | None = None

    @property
    def bucket(self) -> str:
        """The name under which shares and limits count what the caller uses."""
        return "local" if self.key_id is None else f"key:{self.key_id}"

    @property
    def role(self) -> str:
        """The role of the database whose rights the caller has."""
        return f"seogo_{self.scope}"

    def may(self, needed: KeyScope) -> bool:
        """Whether the scope is enough."""
        return _RANKS[self.scope] >= _RANKS[needed]


LOCAL = Caller(key_id=None, name="local", scope="admin")


def set_caller(scope: Scope, caller: Caller) -> None:
    """Set the caller of the request that is being answered."""
    scope["state"][_KEY] = caller


def caller_of(scope: Scope) -> Caller:
    """The caller of the request that is being answered.

    Raises:
        KeyError: nobody was admitted; a handler that is open to all must not ask.
    """
    found: Caller = scope["state"][_KEY]
    return found


def caller_name(scope: Scope) -> str | None:
    """The name of the key that sent a request; None where nobody was admitted."""
    found: Caller | None = scope["state"].get(_KEY)
    return None if found is None else found.name


def needs(
    scope: Literal["nothing"] | KeyScope,
    *,
    whole: bool | None = None,
    cost: int | None = None,
    body: Literal["small", "large", "picture", "stream", "endless"] | None = None,
) -> dict[str, Any]:
    """The `opt` of a handler or controller; what a handler leaves out is as its controller says.

    Args:
        scope: what its callers must be allowed to do; handlers without it are for admins.
        whole: only for keys that see all collections; the default is any key.
        cost: what a request counts against the rate limit of its key; the default is 1.
        body: small (the default): JSON of up to `bodies.SMALL` bytes, or a form. large: as large as
            SEOGO_MAX_BODY_MB allows. picture: large, if that is because of `picture.base64`.
            stream: read by the handler itself, piece by piece. endless: none; the answer goes on for
            as long as somebody looks at it.
    """
    given = {"needs": scope, "whole": whole, "cost": cost, "body": body}
    return {name: value for name, value in given.items() if value is not None}
