"""`seogo synonyms`: words of a collection that mean the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.search import synonyms
from db.settings import read
from encoders.settings import EncoderSettings
from flows.local import Local
from flows.search import synonyms as flow
from flows.search.synonyms import SynonymsIn, SynonymsWritten
from jobs.cli.console import database, err, out
from jobs.cli.outputs import writable_file, write_or_show
from jobs.errors import JobError

app = typer.Typer(
    no_args_is_help=True,
    help="Words and phrases of a collection that mean the same: each finds the others.\n\n"
    "An item scores as if a synonym in it stood there in the words that were typed. Changes are in force"
    " at once, without a new index.",
)
Collection = Annotated[str, typer.Option("--collection", "-c", help="Where they apply.")]


@app.command()
def add(
    words: Annotated[list[str], typer.Argument(help="Words or phrases that mean the same.")],
    collection: Collection,
    typed: Annotated[
        list[str] | None,
        typer.Option(help="One way: only who types this finds the words; repeatable."),
    ] = None,
    weight: Annotated[
        float,
        typer.Option(min=0.001, max=1, help="Occurrences that one of a synonym counts as."),
    ] = 1,
) -> None:
    """Add a group of synonyms.

    For example:  seogo synonyms add "진공 펌프" "vacuum pump" -c parts
    """
    group = SynonymsIn(words=words, typed=typed or [], weight=weight)
    with database() as conn:
        done = Local(conn, read(EncoderSettings)).run(flow.write_groups(collection, [group]))
    if done.refused:
        raise JobError(next(iter(done.refused.values())), "seogo synonyms add --help")
    out.print("added" if done.added else "it was there already; the weight was taken")


@app.command()
def remove(
    groups: Annotated[list[int], typer.Argument(help="Numbers, as `list` shows them.")],
    collection: Collection,
) -> None:
    """Remove groups of synonyms."""
    with database() as conn:
        call = synonyms.remove_synonyms(collection=collection, group_ids=groups)
        gone = fetch(conn, call)[0].n
    if gone < len(set(groups)):
        raise JobError(
            f"{gone} removed, {len(set(groups)) - gone} not found",
            f"`seogo synonyms list -c {collection}` shows their numbers",
        )
    out.print(f"{gone} removed")


@app.command("list")
def list_(collection: Collection) -> None:
    """List the synonyms of a collection."""
    table = Table("group", "typed", "words", "weight")
    with database() as conn:
        for group in fetch(conn, synonyms.synonyms(collection=collection)):
            typed = escape(" | ".join(group.typed)) or "any of them"
            words = escape(" | ".join(group.words))
            table.add_row(str(group.group_id), typed, words, f"{group.weight:g}")
    out.print(table)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV table.")],
    collection: Collection,
    replace: Annotated[
        bool, typer.Option(help="Remove the groups that are not in it, unless a row is refused.")
    ] = False,
) -> None:
    """Add the groups of a CSV table: words, and perhaps typed and weight.

    A | parts the words of a cell. A wrong row is named, and the others are taken.
    """
    with database() as conn:
        local = Local(conn, read(EncoderSettings))
        done = local.run(flow.import_table(collection, file, replace=replace))
    _show(done)
    if done.refused:
        raise typer.Exit(1)


@app.command()
def export(
    collection: Collection,
    to: Annotated[
        Path | None, typer.Option(callback=writable_file, help="A file; default: shown.")
    ] = None,
) -> None:
    """Write all groups as a CSV table that `seogo synonyms import` reads."""
    with database() as conn:
        text = Local(conn, read(EncoderSettings)).run(flow.export_table(collection))
    write_or_show(text, to)


def _show(done: SynonymsWritten) -> None:
    refused = len(done.refused)
    out.print(
        f"{done.added} added, {done.kept} there already, {done.removed} removed, {refused} refused"
    )
    for line, reason in done.refused.items():
        err.print(f"line {line}: {reason}", markup=False, highlight=False, soft_wrap=True)
