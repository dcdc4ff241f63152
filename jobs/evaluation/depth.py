"""Depth of a measure: the one in its name, or else the k of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.evaluation import query_sets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.types import Conn


def cuts(conn: Conn, run_ids: Sequence[int]) -> dict[int, int]:
    """The k of each run that keeps more answers than k: measures without a depth stop there."""
    return {row.run_id: row.k for row in fetch(conn, query_sets.cut(run_ids=run_ids))}


def named(measure: str, run_id: int, cut: Mapping[int, int]) -> str:
    """Name a measure with its depth where it stops before the end of the run."""
    return f"{measure}@{cut[run_id]}" if stops(measure, run_id, cut) else measure


def stops(measure: str, run_id: int, cut: Mapping[int, int]) -> bool:
    """Whether a measure without a depth in its name stops before the end of the run."""
    return "@" not in measure and run_id in cut
