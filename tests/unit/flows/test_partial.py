"""Answers without the shards that do not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from db.calls.query import Query
from db.calls.steps import drive
from db.errors import ShardUnavailable
from db.operations.shards import Unreachable
from flows.effects import Together
from flows.partial import partly

if TYPE_CHECKING:
    from flows.effects import Flow

ASKED = Query("SELECT 1", {}, Unreachable)


def answer() -> Flow[list[Any]]:
    """Two queries, side by side."""
    found: list[Any] = yield Together([one(), one()])
    return found


def one() -> Flow[Any]:
    return (yield ASKED)


def answered(down: list[str], unreachable: list[str]) -> tuple[list[Any], list[str]]:
    """Run the queries where shards are down, of which some are known to be."""

    def perform(effect: Any) -> Any:
        if isinstance(effect, Together):
            return [drive(flow, perform) for flow in effect.flows]
        if "unreachable" in effect.statement:
            return [Unreachable(shards=unreachable)]
        if set(down) - set(effect.without):
            raise ShardUnavailable("shard b does not answer")
        return effect.without

    return drive(partly("parts", answer), perform)


def test_all_shards_are_asked_while_they_answer() -> None:
    assert answered([], []) == ([(), ()], [])


def test_a_shard_that_is_down_is_left_out_of_every_query_and_named() -> None:
    assert answered(["b"], ["b"]) == ([("b",), ("b",)], ["b"])


def test_shards_that_go_down_again_and_again_are_an_error() -> None:
    with pytest.raises(ShardUnavailable):
        answered(["b", "c"], ["b"])
