"""Answers without the shards that do not answer, where the caller wants them so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from db.calls.query import Query
from db.errors import ShardUnavailable
from db.operations import shards
from flows.effects import Together

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.effects import Flow

T = TypeVar("T")
# Shards may go down one after the other while a search is answered.
_TRIES = 3


def partly(collection: str, make: Callable[[], Flow[T]]) -> Flow[tuple[T, list[str]]]:
    """Run a flow; where a shard of the collection does not answer, without it.

    Args:
        collection: the one whose shards may be left out.
        make: makes the flow, for each try.

    Returns:
        Its result, and the names of the shards that were left out.

    Raises:
        ShardUnavailable: no shard answers, or one more went down at each try.
        Exception: what the flow raises.
    """
    missing: list[str] = []
    for left in reversed(range(_TRIES)):
        try:
            return (yield from _without(make(), tuple(missing))), missing
        except ShardUnavailable:
            (found,) = yield shards.unreachable(collection=collection)
            if left == 0:
                raise
            missing = found.shards
    raise AssertionError


def _without(flow: Flow[T], names: tuple[str, ...]) -> Flow[T]:
    """The same flow, its queries without some shards."""
    if not names:
        return (yield from flow)
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            effect = flow.throw(error) if error is not None else flow.send(answer)
        except StopIteration as done:
            result: T = done.value
            return result
        answer, error = None, None
        if isinstance(effect, Query):
            effect = msgspec.structs.replace(effect, without=names)
        elif isinstance(effect, Together):
            effect = Together([_without(one, names) for one in effect.flows])
        try:
            answer = yield effect
        except Exception as exc:
            error = exc
