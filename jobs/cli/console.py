"""Shared parts of commands: console, database connection, progress bars."""

from __future__ import annotations

import os
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleDimensions
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from rich.progress import TaskID

# Columns of tables in a file or a pipe, where there is no window to fit into.
WIDE = 160


class _Output(Console):
    """A console as wide as COLUMNS, or the terminal, or 160 columns."""

    @property  # type: ignore[misc]
    def size(self) -> ConsoleDimensions:
        """Columns and rows; COLUMNS is asked each time, as it may change while a program runs."""
        if self.is_terminal:
            return super().size
        columns = os.environ.get("COLUMNS", "")
        return ConsoleDimensions(int(columns) if columns.isdigit() else WIDE, 25)


out = _Output()
err = _Output(stderr=True)


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the configured database.

    The embedded database is ours alone, so it is upgraded on the way; any other is the operator's,
    who runs `seogo db upgrade`.
    """
    # Here, so that a command that only prints its help starts at once.
    from db import connect, migrate
    from db.settings import DbSettings, read

    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        yield conn


class Lines:
    """Progress lines for logs, ever more rarely, never the same twice."""

    FIRST_S, LONGEST_S = 10.0, 300.0

    def __init__(self) -> None:
        """Start the clock."""
        self._pause = self.FIRST_S
        self._next = monotonic() + self._pause
        self._last = ""

    def tell(self, line: str) -> None:
        """Print a line, if it is time for one and it says something new; it is not cut."""
        if monotonic() < self._next or not line or line == self._last:
            return
        err.print(line, markup=False, highlight=False, soft_wrap=True)
        self._last = line
        self._pause = min(2 * self._pause, self.LONGEST_S)
        self._next = monotonic() + self._pause


class _Plain(Progress):
    """Progress tasks as lines, without a terminal."""

    def __init__(self) -> None:
        super().__init__(console=err, disable=True)
        self._lines = Lines()

    def update(self, task_id: TaskID, **fields: Any) -> None:
        """Keep the figures, and say them now and then."""
        super().update(task_id, **fields)
        self._say(task_id)

    def advance(self, task_id: TaskID, advance: float = 1) -> None:
        """As `update`."""
        super().advance(task_id, advance)
        self._say(task_id)

    def _say(self, task_id: TaskID) -> None:
        task = self._tasks[task_id]
        if task.completed:
            done = f"{task.completed:,.0f}"
            of = "" if task.total is None else f" of {task.total:,.0f}"
            self._lines.tell(f"{Text.from_markup(task.description).plain}: {done}{of}")


def progress() -> Progress:
    """A progress display on standard error: bars on a terminal, a line now and then elsewhere."""
    if not err.is_terminal:
        return _Plain()
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
    )
