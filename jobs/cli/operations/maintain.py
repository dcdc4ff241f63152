"""`seogo maintain`: merge and rebuild lexical indexes, renew suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs import maintain as job
from jobs.cli.console import database, out, progress
from jobs.shards.upkeep import keep_shards

if TYPE_CHECKING:
    from jobs.maintain import MaintenanceReport
    from jobs.types import Conn


def maintain() -> None:
    """Keep the lexical indexes fast: merge what writers left in small pieces, build changed indexes.

    Titles that suggestions wait for are read, and frequent queries of the query log renewed. On a coordinator
    the same is done on its shards, one after the other. Search is right before, during and after; run it
    after large imports and now and then (cron). Interrupted, it goes on where it was.
    """
    with database() as conn:
        _show(run_shown(conn))
        with progress() as bar:
            task = bar.add_task("shards", total=None)
            keep_shards(
                conn,
                lambda what, n: bar.update(task, description=what, advance=n),
                lambda shard, report: _show(report, f"shard {shard}: "),
            )


def _show(report: MaintenanceReport, where: str = "") -> None:
    """Print what was done; `where`: on which shard."""
    counts = (
        (report.mended, "items written while triggers were off: indexed"),
        (report.counted, "items: their words counted for corrections"),
        (report.titled, "collections: titles read, suggestions are complete"),
        (report.dropped_pictures, "pictures that no item shows any more: deleted"),
        (report.forgotten_rankings, "rankings whose pages nobody reads any more: deleted"),
        (report.forgotten_searches, "searches of the query log that had expired: deleted"),
    )
    steps = ", ".join(f"{n} x {action}" for action, n in report.merged.items())
    lines = [
        *(f"{name}: new lexical index in force" for name in report.built),
        *(f"{n:,} {what}" for n, what in counts if n),
        *(
            f"{name}: somebody else is merging its lexical index; left to them"
            for name in report.busy
        ),
        f"merged: {steps or 'nothing to do'}",
    ]
    for line in lines:
        out.print(f"{where}{line}", highlight=False)


def run_shown(conn: Conn, collection: str | None = None) -> MaintenanceReport:
    """Do the maintenance, or that of one collection, with its progress shown."""
    with progress() as bar:
        task = bar.add_task("maintain", total=None)
        return job.run(
            conn,
            collection,
            on_step=lambda what, n: bar.update(task, description=what, advance=n),
        )
