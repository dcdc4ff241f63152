"""Health checks of inspections: alarms of drift."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.defects import statistics
from db.operations.check import Check

if TYPE_CHECKING:
    from db.defects.statistic_rows import ScoreDrift
    from jobs.types import Conn

_MEANINGS = {
    "calibration": "recent scores are higher than those of normal pictures in {value:.0%} of pairs",
    "before": "recent scores are higher than those before in {value:.0%} of pairs",
    "share": "{value:.0%} of recent pictures are above the threshold, {reference:.0%} before",
}


def drift_checks(conn: Conn) -> list[Check]:
    """Check that the scores of no live bank drift; banks that were never measured are not checked."""
    rows = fetch(conn, statistics.latest_drift())
    return [
        _check(f"drift of {product}, view {view}", list(measures))
        for (product, view), measures in groupby(rows, key=lambda row: (row.product, row.view))
    ]


def _check(name: str, measures: list[ScoreDrift]) -> Check:
    alarms = [meaning(one.measure, one.value, one.reference) for one in measures if one.alarm]
    if not alarms:
        return Check(
            name=name, state="ok", detail=f"none, measured {measures[0].measured_at:%Y-%m-%d}"
        )
    todo = (
        "look at the latest pictures: light, lens, position, supplier; where this is the new normal,"
        " register normal pictures and build the bank anew (seogo defects bank build)"
    )
    return Check(name=name, state="warn", detail="; ".join(alarms), todo=todo)


def meaning(measure: str, value: float, reference: float) -> str:
    """Say what a measure found."""
    return _MEANINGS[measure].format(value=value, reference=reference)
