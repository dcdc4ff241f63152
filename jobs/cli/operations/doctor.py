"""`seogo doctor`, and how checks are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db import connect
from db.errors import SeogoDbError
from db.operations.check import Check
from db.settings import DbSettings, read
from encoders.settings import CaptionSettings, EncoderSettings
from jobs import doctor as job
from jobs.backup.settings import BackupSettings
from jobs.cli.console import out

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[bold red]fail[/]"}


def doctor() -> None:
    """Look at the database, the vectors, this machine, backups and replicas; say what to do next.

    It changes nothing. Ends with 1 where something fails; a warning is none.
    """
    db, encoders = read(DbSettings), read(EncoderSettings)
    found = _of_database(db, encoders)
    found += job.machine_checks(db, encoders, read(CaptionSettings))
    found.append(job.backup_check(read(BackupSettings), db))
    found += job.replica_checks(db)
    show(found)


def show(found: Sequence[Check]) -> None:
    """Print checks as a table; ends with 1 where one fails."""
    table = Table(box=SIMPLE, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(ratio=2)
    for each in found:
        todo = f"\n[cyan]{escape(each.todo)}[/]" if each.todo else ""
        table.add_row(MARKS[each.state], escape(each.name), escape(each.detail) + todo)
    out.print(table)
    failed = sum(each.state == "fail" for each in found)
    warned = sum(each.state == "warn" for each in found)
    out.print(f"{len(found)} checks: {failed} failed, {warned} warnings")
    if failed:
        raise typer.Exit(1)


def _of_database(db: DbSettings, encoders: EncoderSettings) -> list[Check]:
    # Here: the scheduler's library loads slowly, and help needs none of it.
    from jobs.schedule.settings import ScheduleSettings

    try:
        with connect.session(db, vectors=False) as conn:
            found = job.database_checks(conn)
            if all(each.name != "schema" or each.state == "ok" for each in found):
                found += job.content_checks(conn, encoders, read(CaptionSettings))
                found += job.schedule_checks(conn, read(ScheduleSettings))
            return found
    except SeogoDbError as exc:
        return [Check(name="database", state="fail", detail=str(exc), todo=exc.hint or "")]
