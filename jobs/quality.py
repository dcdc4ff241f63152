"""Judging of collections with pictures: unfinished runs are gone on with."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from db.calls.query import fetch
from db.items import contradictions as sql
from db.operations.check import Check
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


def quality_checks(conn: Conn) -> list[Check]:
    """Check for open contradictions in collections with pictures, and for those that nobody has judged."""
    judged = {run.args["collection"] for run in fetch(conn, sql.judging_runs())}
    still_open: Counter[str] = Counter()
    for row in fetch(conn, sql.counts()):
        still_open[row.collection] += row.n * (row.state == "open")
    found = []
    for name in (row.name for row in fetch(conn, sql.pictured())):
        n = still_open[name]
        detail = f"{n:,} contradictions are open" if name in judged or n else "not judged yet"
        todo = f"seogo quality {name}" + (" --list" if n else "")
        state: Literal["ok", "warn"] = "warn" if n else "ok"
        found.append(
            Check(name=f"pictures of {name}", state=state, detail=detail, todo=todo if n else "")
        )
    return found


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
