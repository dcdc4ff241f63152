"""What goes over the wire. Struct in: unknown keys refused, bounds checked. Struct out: frozen."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from db.rows import HybridHit, Written

MAX_K = 1000
MAX_ITEMS = 1000
MAX_QUERY = 10_000

SpaceName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]{0,62}$")]
LegName = Annotated[str, Meta(min_length=1, max_length=63)]


class LegIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A leg of a search. Only `vector` legs have a `space` (which is required) and a `source`."""

    kind: Literal["lexical", "identifier", "vector"]
    name: LegName | None = None
    space: SpaceName | None = None
    source: LegName | None = None
    weight: Annotated[float, Meta(ge=0, le=1_000_000)] | None = None
    pool_n: Annotated[int, Meta(ge=1, le=10_000)] = 100

    def __post_init__(self) -> None:
        """Refuse combinations that would be ignored silently."""
        if self.kind == "vector" and self.space is None:
            raise ValueError("a vector leg needs a space")
        if self.kind != "vector" and (self.space or self.source):
            raise ValueError(f"a {self.kind} leg has no space and no source")


class SearchIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search.

    `filter` is on metadata: a JSON object (containment) or a jsonpath predicate as a string.
    Without `legs`: words, identifiers, and every live text space of the collection.
    """

    query: Annotated[str, Meta(pattern=r"\S", max_length=MAX_QUERY)]
    k: Annotated[int, Meta(ge=1, le=MAX_K)] = 10
    filter: dict[str, Any] | str | None = None
    legs: Annotated[list[LegIn], Meta(min_length=1, max_length=16)] | None = None
    k_rrf: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class SearchOut(Struct, frozen=True, kw_only=True):
    """The answer to a search.

    Each hit's `legs` says what every leg gave it (`null`: the leg has not the item); scores are
    higher-is-better, a leg's in its own unit. `degraded` names legs that were left out, and why.
    """

    collection: str
    hits: list[HybridHit]
    degraded: list[str]
    took_ms: float


class ItemsIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Items to write: `external_id`, `fields` (name -> text), optional `metadata` (JSON).

    They are checked one by one: a bad one is refused and the others are written.
    """

    items: Annotated[list[Any], Meta(max_length=MAX_ITEMS)]


class Refused(Struct, frozen=True, kw_only=True):
    """An item that was not written: its place in the request (from 0), and why."""

    index: int
    external_id: str | None
    reason: str


class ItemsOut(Struct, frozen=True, kw_only=True):
    """What became of each item; `written` is in the order of the request."""

    collection: str
    inserted: int
    updated: int
    unchanged: int
    refused: list[Refused]
    written: list[Written]


class Health(Struct, frozen=True):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Check(Struct, frozen=True, kw_only=True):
    """One thing the service needs: `database`, `schema`, or `encoder:SPACE`."""

    name: str
    ok: bool
    detail: str | None = None


class Ready(Struct, frozen=True, kw_only=True):
    """Everything the service needs is there."""

    status: Literal["ready"] = "ready"
    checks: list[Check]


class FieldError(Struct, frozen=True, kw_only=True):
    """A part of the request that is wrong: `path` such as `legs.0.weight`."""

    path: str
    reason: str


class Problem(Struct, frozen=True, kw_only=True):
    """An error as RFC 9457 has it, with `hint` saying what to do."""

    type: str
    title: str
    status: int
    detail: str
    hint: str | UnsetType = UNSET
    errors: list[FieldError] | UnsetType = UNSET
    checks: list[Check] | UnsetType = UNSET
    request_id: str | UnsetType = UNSET
