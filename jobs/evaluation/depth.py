"""How deep a measure looks: to the depth in its name, or, without one, to the k of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.evaluation import query_sets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jobs.types import Conn


def cuts(conn: Conn, run_ids: Sequence[int]) -> dict[int, int]:
    """Per run that keeps more answers than its k: that k, where measures without a depth stop."""
    return {row.run_id: row.k for row in fetch(conn, query_sets.cut(run_ids=run_ids))}


def named(measure: str, run_id: int, cut: Mapping[int, int]) -> str:
    """A measure's name, with the depth that it stops at where that is not all there is."""
    return f"{measure}@{cut[run_id]}" if stops(measure, run_id, cut) else measure


def stops(measure: str, run_id: int, cut: Mapping[int, int]) -> bool:
    """Whether a measure leaves out some of what the run keeps although its name does not say so."""
    return "@" not in measure and run_id in cut
