"""`seogo pictures`: prompts of captioners, and reading pictures again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from db.calls.query import fetch
from db.items.items import collections
from db.operations import item_captions, readings
from inputs.files import text as text_of
from jobs.cli.console import database, out
from jobs.cli.items import editing
from jobs.cli.items.unserved import warn_unserved
from jobs.cli.values import reader

app = typer.Typer(
    no_args_is_help=True,
    help="Pictures: prompts of captioners, and reading again.\n\n"
    "Who reads the pictures of a collection is set by `seogo collection update NAME --ocr auto "
    "--caption parts-en`; `seogo ingest` and `seogo worker` then have them read.",
)
app.command("readings")(editing.readings)


@app.command("prompts")
def prompts_() -> None:
    """List what captioners are told now."""
    table = Table("prompt", "version", "tokens at most", "captions", "text", box=SIMPLE)
    with database() as conn:
        for row in fetch(conn, readings.prompts()):
            told = map(str, (row.version, row.max_tokens, row.captions))
            table.add_row(row.prompt, *told, escape(row.text))
    out.print(table)


@app.command()
def prompt(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, - and _.")],
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="Its text; {metadata} in it stands for the texts of the item.",
        ),
    ],
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 96,
) -> None:
    """Add a prompt, or a new version of one, used from the next picture on.

    Example: seogo pictures prompt valves valves.txt && seogo pictures again parts --caption valves
    """
    text = text_of(file).strip()
    with database() as conn:
        (version,) = fetch(conn, readings.add_prompt(name=name, text=text, max_tokens=max_tokens))
    out.print(f"prompt {name}, version {version.n}")


@app.command()
def again(
    collection: Annotated[str, typer.Argument(help="Whose pictures.")],
    ocr: Annotated[
        str | None,
        typer.Option(callback=reader, help="auto, rapidocr, tesseract, paddle or paddle-vl."),
    ] = None,
    caption: Annotated[str | None, typer.Option(help="A prompt's name.")] = None,
) -> None:
    """Queue pictures that others have read, or that failed; what is known stays until then."""
    wanted: dict[readings.Kind, str] = {}
    if ocr is not None:
        wanted["ocr"] = ocr
    if caption is not None:
        wanted["caption"] = caption
    if not wanted:
        raise typer.BadParameter("say who is to read: --ocr ENGINE, --caption PROMPT or both")
    with database() as conn:
        for kind, reader in wanted.items():
            query = readings.read_again(collection=collection, kind=kind, reader=reader)
            (queued,) = fetch(conn, query)
            out.print(f"{queued.n:,} pictures wait for {kind} by {escape(reader)}")
        if waiting := sum(row.n for row in fetch(conn, item_captions.wanted())):
            out.print(f"{waiting:,} items wait for a caption of all their pictures")
        warn_unserved(conn)
        away = any(row.shards for row in fetch(conn, collections()) if row.collection == collection)
    by = (
        "`seogo worker` with SEOGO_DATABASE_URL of each shard"
        if away
        else "`seogo ingest` or `seogo worker`"
    )
    out.print(f"{by} does the reading")
