"""Classification by neighbours: calls and their rows."""

from __future__ import annotations

from typing import Literal

import msgspec

from db.calls.call import function


class ClassVote(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a metadata key with the votes of neighbours; `share` of all weights, in [0, 1].

    `item_ids` and `external_ids` are the neighbours that have it, the nearest first.
    """

    value: str | float | bool
    rank: int
    votes: int
    weight: float
    share: float
    item_ids: list[int]
    external_ids: list[str]


class ConfusionCell(msgspec.Struct, frozen=True, kw_only=True):
    """Items of a class by the class they were put into; `predicted` is None where `state` says why."""

    truth: str
    predicted: str | None
    items: int
    share: float | None
    state: Literal["classified", "no neighbour", "no vector"]


classify = function("search.classify", ClassVote, reads=True)
confusion = function("eval.confusion", ConfusionCell, reads=True)
