"""Depth of a measure: the one in its name, or else the k of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.evaluation.rows import Cut


def cuts(rows: Sequence[Cut]) -> dict[int, int]:
    """The k of each run of `query_sets.cut`, which keeps more: measures without a depth stop there."""
    return {row.run_id: row.k for row in rows}


def named(measure: str, run_id: int, cut: Mapping[int, int]) -> str:
    """Name a measure with its depth where it stops before the end of the run."""
    return f"{measure}@{cut[run_id]}" if stops(measure, run_id, cut) else measure


def stops(measure: str, run_id: int, cut: Mapping[int, int]) -> bool:
    """Whether a measure without a depth in its name stops before the end of the run."""
    return "@" not in measure and run_id in cut
