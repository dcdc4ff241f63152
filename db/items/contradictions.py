"""Contradictions between pictures, what is read on them, and fields of items, with people's decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from db.calls.call import function, scalar, statement
from db.calls.rows import Count, Done, NameRow
from db.operations.runs import Run

Rule: TypeAlias = Literal[
    "number",
    "maker",
    "nameplate",
    "confidence",
    "duplicate",
    "near_duplicate",
    "category",
    "model",
]
State: TypeAlias = Literal["open", "accepted", "mended"]


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.contradictions`; `score` is by the rule's own measure."""

    contradiction_id: int
    collection: str
    rule: Rule
    item_id: int
    external_id: str
    title: str | None
    picture_id: int | None
    other_item_id: int | None
    other: str | None
    score: float
    evidence: dict[str, Any]
    state: State
    found_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


class ContradictionCount(msgspec.Struct, frozen=True, kw_only=True):
    """Contradictions of a collection by rule and state."""

    collection: str
    rule: Rule
    state: State
    n: int


class JudgeStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `ops.judge_step`: items judged by the step, those of the collection, counts of the run."""

    run_id: int
    done: bool
    judged: int
    items: int
    counts: dict[str, int]


class PictureFile(msgspec.Struct, frozen=True):
    """A picture and its thumbnail, or its file where there is none."""

    id: int
    bytes: bytes


class UnaskedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `impl.unasked_items`: an item that a model has not compared with its pictures yet."""

    item_id: int
    external_id: str
    fields: dict[str, str]
    metadata: dict[str, Any]
    pictures: list[int]
    subject: UUID


class ItemContradiction(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.quality`: a contradiction, or why a rule cannot be applied (`unjudged`)."""

    item_id: int
    external_id: str
    rule: Rule
    picture_id: int | None
    other_item_id: int | None
    score: float | None
    evidence: dict[str, Any] | None
    subject: UUID | None
    unjudged: str | None


class RecordContradiction(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.quality_of`: a contradiction, or why a rule cannot be applied (`unjudged`)."""

    record_no: int
    external_id: str
    rule: Rule
    picture_no: int | None
    other_item_id: int | None
    score: float | None
    evidence: dict[str, Any] | None
    unjudged: str | None


class DecidedContradiction(msgspec.Struct, frozen=True):
    """The state of a contradiction after a decision."""

    state: State


judge_step = function("ops.judge_step", JudgeStep)
decide = scalar("ops.decide_contradiction", DecidedContradiction)
# The next items, judged without writing.
quality = function("search.quality", ItemContradiction)
# What records would contradict; nothing is written.
quality_of = function("search.quality_of", RecordContradiction, json=("records", "vectors"))
unasked_items = function("impl.unasked_items", UnaskedItem)
# Whether a contradiction is open by it; `says` None: the model finds none.
keep_opinion = scalar("ops.keep_opinion", Done)
# Files of pictures, here or on shards.
shown_pictures = statement("pictures", "shown", PictureFile)
# Pictures that cannot be compared yet.
without_look = statement("pictures", "without_look", PictureFile)
store_looks = scalar("ops.store_looks", Count, json=("looks",))
# The surest first.
contradictions = statement(
    "pictures", "contradictions", Contradiction, state="open", rule=None, limit=100, skip=0
)
counts = statement("pictures", "contradiction_counts", ContradictionCount, collection=None)
# The latest run that judged each collection, or one.
judging_runs = statement("pictures", "judging_runs", Run, collection=None)
# Collections whose items have pictures.
pictured = statement("pictures", "pictured", NameRow)
