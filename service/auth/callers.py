"""Who asks, and what they may do."""

from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.types import Scope
from msgspec import Struct

from db.operations.keys import KeyScope

Connection = ASGIConnection[Any, Any, Any, Any]

_KEY = "seogo_caller"
_RANKS: dict[KeyScope, int] = {"reader": 1, "writer": 2, "admin": 3}


class Caller(Struct, frozen=True, kw_only=True):
    """Who sent a request.

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
        """Whose share of everything a request counts against."""
        return "local" if self.key_id is None else f"key:{self.key_id}"

    def may(self, needed: KeyScope) -> bool:
        """Whether the scope is enough."""
        return _RANKS[self.scope] >= _RANKS[needed]


LOCAL = Caller(key_id=None, name="local", scope="admin")


def remember(scope: Scope, caller: Caller) -> None:
    """Keep who sent the request that is being answered."""
    scope["state"][_KEY] = caller


def caller_of(scope: Scope) -> Caller:
    """Who sent the request that is being answered.

    Raises:
        KeyError: nobody was admitted; a handler that is open to all must not ask.
    """
    found: Caller = scope["state"][_KEY]
    return found


def caller_name(scope: Scope) -> str | None:
    """The name of the key that sent a request; None where nobody was admitted."""
    found: Caller | None = scope["state"].get(_KEY)
    return None if found is None else found.name


Needs = Literal["nothing"] | KeyScope


def needs(what: Needs) -> dict[str, Any]:
    """The `opt` of a handler: what its callers must be allowed to do. Without it: admin."""
    return {"needs": what}
