"""What every command shares: settings, a connection, progress bars."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

out = Console()
err = Console(stderr=True)


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


def progress() -> Progress:
    """A progress display on standard error, silent where that is not a terminal."""
    return Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=not err.is_terminal,
    )
