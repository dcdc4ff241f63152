"""The command `seogo`: its entry point."""

from __future__ import annotations

import sys

import typer

from jobs.cli.entries import ENTRIES
from jobs.cli.lazy import grouped

app = typer.Typer(
    name="seogo",
    cls=grouped(ENTRIES),
    help="Search inside PostgreSQL: words, part numbers and meaning, in one SQL statement.\n\n"
    "Without SEOGO_DATABASE_URL an embedded PostgreSQL is started and kept under SEOGO_HOME.\n\n"
    "A first session:  seogo demo;  seogo serve.  With records of yours, JSON lines or CSV:  seogo"
    ' ingest FILE --collection NAME --recipe generic;  seogo search "진공 펌프" --collection NAME',
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _seogo() -> None:
    """Options of all commands: there are none."""


def main() -> None:
    """Run the command line; every error becomes a sentence and a hint, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
    except Exception as exc:
        from jobs.cli.failures import report

        sys.exit(report(exc))
