"""`seogo maintain`: merge and rebuild lexical indexes, renew suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs import maintain as job
from jobs.cli.console import database, out, progress

if TYPE_CHECKING:
    from jobs.maintain import MaintenanceReport
    from jobs.types import Conn


def maintain() -> None:
    """Keep the lexical indexes fast: merge what writers left in small pieces, build changed indexes.

    Titles that suggestions wait for are read, and frequent queries of the query log renewed.
    Search is right before, during and after; run it after large imports and now and then (cron).
    Interrupted, it goes on where it was.
    """
    with database() as conn:
        report = run_shown(conn)
    for name in report.built:
        out.print(f"{name}: new lexical index in force")
    if report.mended:
        out.print(f"{report.mended:,} items written while triggers were off: indexed")
    if report.counted:
        out.print(f"{report.counted:,} items: their words counted for corrections")
    if report.titled:
        out.print(f"{report.titled:,} collections: titles read, suggestions are complete")
    if report.dropped_pictures:
        out.print(f"{report.dropped_pictures:,} pictures that no item shows any more: deleted")
    if report.forgotten_rankings:
        out.print(
            f"{report.forgotten_rankings:,} rankings whose pages nobody reads any more: deleted"
        )
    if report.forgotten_searches:
        out.print(
            f"{report.forgotten_searches:,} searches of the query log that had expired: deleted"
        )
    for name in report.busy:
        out.print(f"{name}: somebody else is merging its lexical index; left to them")
    steps = ", ".join(f"{n} x {action}" for action, n in report.merged.items())
    out.print(f"merged: {steps or 'nothing to do'}")


def run_shown(conn: Conn, collection: str | None = None) -> MaintenanceReport:
    """Do the maintenance, or that of one collection, with its progress shown."""
    with progress() as bar:
        task = bar.add_task("maintain", total=None)
        return job.run(
            conn,
            collection,
            on_step=lambda what, n: bar.update(task, description=what, advance=n),
        )
