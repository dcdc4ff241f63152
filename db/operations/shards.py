"""Shards of a coordinator: calls and their rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from db.calls.call import function, procedure, scalar, statement
from db.errors import BadRequest

if TYPE_CHECKING:
    from db.calls.query import Query


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """A shard that this coordinator knows; `address` without user and password."""

    number: int
    shard: str
    address: str | None
    collections: list[str]
    added_at: datetime


class ShardCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check of a shard; not `ok`: `detail` says what is wrong, and what to do."""

    shard: str
    item: str
    ok: bool
    detail: str | None


class ShardState(msgspec.Struct, frozen=True, kw_only=True):
    """State of a shard: its items, their vectors in live spaces, bytes of its database, worker sessions.

    `trouble`: why it does not answer; numbers are then None. `ms`: that the answer took there.
    """

    shard: str
    address: str | None
    collections: list[str]
    answers: bool
    trouble: str | None
    items: int | None
    fresh: int | None
    waiting: int | None
    failed: int | None
    bytes: int | None
    workers: int | None
    ms: float | None


class ShardNumber(msgspec.Struct, frozen=True):
    """The number of a shard, from which the ids of its items begin."""

    number: int


class ShardCoverage(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of the vectors of a collection in a space, on one shard."""

    shard: str
    collection: str
    space: str
    generation: int
    status: str
    items: int
    fresh: int
    stale: int
    missing: int
    failed: int
    without_text: int


class ShardFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Failed work on a shard; `parked`: all attempts are used up."""

    shard: str
    kind: str
    collection: str | None
    external_id: str | None
    item_id: int | None
    space: str | None
    attempts: int
    parked: bool
    error: str


class Unreachable(msgspec.Struct, frozen=True, kw_only=True):
    """Names of the shards of a collection that do not answer."""

    shards: list[str]


shards = statement("stats", "shards", Shard)
shard_checks = function("search.shard_checks", ShardCheck)
shard_states = function("search.shard_states", ShardState)
unreachable = scalar("search.unreachable", Unreachable)
shard_coverage = function("search.shard_coverage", ShardCoverage)
shard_failed = function("search.shard_failed", ShardFailure)
remove_shard = procedure("ops.remove_shard")
_add_shard = scalar("ops.add_shard", ShardNumber, json=("connection",))


def add_shard(*, name: str, url: str) -> Query[ShardNumber]:
    """Make a database a shard, or give one a new address.

    Args:
        name: lower-case letters, digits, - and _.
        url: as libpq takes it.

    Raises:
        BadRequest: it is no URL of a database. The message does not show it: it may hold a password.
    """
    try:
        given: dict[str, Any] = conninfo_to_dict(url)
    except psycopg.ProgrammingError as exc:
        raise BadRequest(
            "the address of the shard cannot be read",
            "Give postgresql://user:password@host/database.",
        ) from exc
    return _add_shard(
        name=name, connection={key: str(value) for key, value in given.items() if value != ""}
    )
