"""Judging of collections with pictures: unfinished runs are gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.calls.query import fetch
from db.items import contradictions as sql
from flows import quality
from flows.local import Local

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.items.contradictions import JudgeStep
    from encoders.settings import EncoderSettings
    from jobs.types import Conn


def unfinished(conn: Conn, collection: str) -> int | None:
    """The run that broke off while it judged a collection; None where the latest came to its end."""
    runs = fetch(conn, sql.judging_runs(collection=collection))
    return runs[0].run_id if runs and runs[0].state != "done" else None


def judge_pictured(
    conn: Conn, encoders: EncoderSettings, on_step: Callable[[JudgeStep], None]
) -> dict[str, int]:
    """Judge every collection that has pictures; returns counts."""
    counts = {"collections": 0, "judged": 0, "opened": 0, "mended": 0}
    local = Local(conn, encoders)
    for row in fetch(conn, sql.pictured()):
        run = unfinished(conn, row.name)
        step = local.run(quality.judge_all(row.name, run, on_step))
        counts["collections"] += 1
        for name in ("judged", "opened", "mended"):
            counts[name] += step.counts[name]
    return counts
