"""Shaping of results: adjustments of rows, pinned and buried items, calibrated spaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from db.calls.call import function, procedure, scalar, statement


class Boosted(msgspec.Struct, frozen=True, kw_only=True):
    """The factor of a boost, by its number in the request."""

    boost: int
    factor: float


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The group of a collapsed row: the value of its key, and how many candidates have it."""

    value: str
    items: int


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """The places of a row before and after diversity, counted among the rows that it reorders.

    `similarity` is the cosine to the most similar row before it, none for the first.
    """

    from_: int = msgspec.field(name="from")
    to: int
    similarity: float | None = None


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The place that an item is pinned to, and whether a leg found it."""

    place: int
    found: bool


class Adjustments(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Changes that shaping made to a row of `search.hybrid`.

    `fused` is the score before boosts, `factor` their bounded product. `weak`: no word and no number of
    the query is in it, and its similarities are below what chance brings; `uncalibrated`: nobody can tell.
    `live`: in a live test, whether the fusion in use (a) or the profile (b) picked it.
    """

    fused: float | None = None
    factor: float | None = None
    boosts: list[Boosted] = []
    group: Group | None = None
    diversity: Moved | None = None
    pinned: Pinned | None = None
    buried: bool = False
    weak: bool = False
    uncalibrated: bool = False
    live: Literal["a", "b", "both"] | None = None


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.pins`; place None: buried below all other results."""

    collection: str
    query: str
    external_id: str
    place: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    note: str | None
    state: str
    created_at: datetime


class PinsWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of imported pins; `without_item` are those whose item is not there yet."""

    written: int
    without_item: int
    deleted: int


class Unpinned(msgspec.Struct, frozen=True):
    """Whether there was such a pin."""

    done: bool


class Threshold(msgspec.Struct, frozen=True):
    """The similarity that chance brings; None where there are too few vectors."""

    threshold: float | None


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.calibrations`; None where the space is not calibrated.

    `threshold` and `median` are similarities, of `pairs` pairs of a probe and one of `items` items.
    """

    collection: str
    space: str
    generation: int
    threshold: float | None
    median: float | None
    pairs: int | None
    items: int | None
    probes: str | None
    calibrated_at: datetime | None


class ShapeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.explain_shape`: a step, how many items it acted on, and details."""

    step: str
    items: int
    detail: dict[str, Any]


set_shape = procedure("ops.set_shape", json=("shape",))
pin_item = procedure("ops.pin_item")
bury_item = procedure("ops.bury_item")
unpin_item = scalar("ops.unpin_item", Unpinned)
import_pins = function("ops.import_pins", PinsWritten, json=("pins",))
explain_shape = function("search.explain_shape", ShapeStep, reads=True, json=("shape",))
calibrate_space = scalar("ops.calibrate_space", Threshold)
# Those of one query, matched as a search matches it, or all.
pins = statement("results", "pins", Pin, query=None)
calibrations = statement("results", "calibrations", Calibration, reads=True, collection=None)
# Where a space was never calibrated, or its collection has grown or shrunk by a fifth since.
uncalibrated = statement("results", "uncalibrated", Calibration, collection=None)
# An error where the collection has no such item.
check_item = procedure("impl.check_item")
