"""Measures of rankings between the steps of a training run, computed by `eval.measure_rankings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db import connect
from db.calls.query import fetch
from db.evaluation import evals
from encoders.training.settings import MEASURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.settings import DbSettings
    from encoders.training.probe import Measure, ProbeRanking


def by_database(settings: DbSettings) -> Measure:
    """Build what measures rankings in a database.

    Each time over a connection of its own: hours may lie between two measurements.
    """

    def measure(rankings: Sequence[ProbeRanking]) -> Mapping[str, float]:
        given = [{"found": one.found, "relevant": one.relevant} for one in rankings]
        with connect.session(settings) as conn:
            rows = fetch(conn, evals.measure_rankings(rankings=given, measures=list(MEASURES)))
        return {row.measure: row.value for row in rows}

    return measure
