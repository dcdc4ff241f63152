"""Rows of statistics, of drift, and of what to label next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from db.defects.rows import Label


class NextLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.next_labels`."""

    place: int
    analysis_id: int
    view: str
    verdict: Literal["normal", "defect", "unknown"]
    defect: str | None
    score: float | None
    threshold: float | None
    uncertainty: float
    novelty: float
    covers: int
    alarms: int
    passes: int
    waiting: int


class ToLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.to_label`."""

    place: int
    analysis_id: int
    product: str
    view: str
    reason: Literal["contradicted", "disagreement", "uncertain"]
    verdict: Literal["normal", "defect", "unknown"]
    defect: str | None
    said: Label | None
    said_defect: str | None
    score: float | None
    threshold: float | None
    created_at: datetime


class DefectCount(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.defect_counts`."""

    day: date
    product: str
    finding: str
    pictures: int
    with_feedback: int
    agreed: int


class DefectDay(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `search.defect_statistics`; `median` and `p95` are of score / threshold."""

    day: date
    product: str
    view: str
    bank_version: int | None
    pictures: int
    judged: int
    defective: int
    refuted: int
    missed: int
    confirmed: int
    guessed: int
    median: float | None
    p95: float | None


class ScoreDrift(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the view `search.score_drift`; see `ops.measure_score_drift`."""

    bank_id: int
    product: str
    view: str
    bank_version: int
    measure: Literal["calibration", "before", "share"]
    n: int
    reference_n: int
    value: float
    reference: float
    z: float
    alarm: bool
    measured_at: datetime
    latest: bool
