"""`seogo config`: settings as they are in force."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from jobs import config as job
from jobs.cli.console import err, out

app = typer.Typer(
    no_args_is_help=True,
    help="Settings as they are in force: values, where they come from, and defaults.\n\n"
    "seogo config show;  seogo config show --all",
)
WRONG = ("invalid", "unknown")


@app.callback()
def _group() -> None: ...


@app.command()
def show(
    everything: Annotated[
        bool, typer.Option("--all", help="Those with their default as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All of them as JSON lines.")] = False,
) -> None:
    """Show the variables that are set, with their defaults; passwords and keys are not shown.

    Ends with 1 where one cannot be read, or is not a setting: it may be a typing error.
    """
    found = job.settings()
    if as_json:
        for one in found:
            typer.echo(msgspec.json.encode(one))
    else:
        _print(found, everything=everything)
    wrong = [one for one in found if one.source in WRONG]
    for one in wrong:
        err.print(f"[red]{one.variable}[/]: {escape(one.trouble)}", highlight=False)
    if wrong:
        raise typer.Exit(1)


def _print(found: list[job.Setting], *, everything: bool) -> None:
    shown = [one for one in found if everything or one.source != "default"]
    table = Table("variable", "value", "from", "default", box=SIMPLE)
    for one in shown:
        cells = (one.variable, one.value or "–", one.source, one.default or "–")
        table.add_row(*map(escape, cells))
    if shown:
        out.print(table)
    if rest := len(found) - len(shown):
        out.print(f"{rest} variables have their default: seogo config show --all", highlight=False)
