"""`seogo demo`: the examples ingested, read, encoded and searched, in front of the reader's eyes."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.settings import read
from encoders.settings import EncoderSettings
from jobs import query as job
from jobs import samples
from jobs.cli.console import database, out
from jobs.cli.items.ingest import ingest
from jobs.cli.outputs import writable_folder
from jobs.cli.search import show
from jobs.errors import JobError

if TYPE_CHECKING:
    import psycopg

COLLECTION = "parts"
SEARCHES = (
    ("Korean", "약액이 새면 알려주는 센서"),
    ("English", "clamp wafer with static charge and helium backside"),
    ("a part number with a typo", "TMP-3408LMC-K1"),
    ("a Korean question whose answer is in English", "ALD 펄스 밸브"),
    ("a serial number that stands only on a nameplate", "19E99919"),
)
PICTURE = "query.jpg"


def demo(
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Another sample set than the one it brings."
        ),
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=50, help="Results shown per search.")] = 4,
) -> None:
    """Fill the collection `parts` with the sample set and its pictures, and search it in six ways."""
    started = time.monotonic()
    file = file or samples.folder() / "parts.jsonl"
    ingest(file, COLLECTION, "parts")
    with database() as conn:
        for what, query in SEARCHES:
            _search(conn, query, what, query=query, k=k)
        shown = file.parent / PICTURE
        _search(conn, str(shown), "a picture of a part, askew", picture=shown, k=k)
    out.print("\nThe numbers under each leg are ranks; – means that the leg did not find the item.")
    out.print(f"Done in {time.monotonic() - started:.0f} s. Next:")
    seogo = _command()
    out.print(f'  {seogo} search "your words" --collection parts --explain', highlight=False)
    out.print(f"  {seogo} serve      then open http://127.0.0.1:8000/", highlight=False)
    out.print(f"  {seogo} db psql    and see docs/sql-api.md", highlight=False)


def examples(
    folder: Annotated[
        Path,
        typer.Argument(file_okay=False, callback=writable_folder, help="Made if it is not there."),
    ] = Path("examples"),
) -> None:
    """Copy the sample data out of the program: parts with pictures, plates with defects.

    Files that are there already stay as they are.
    """
    copied, there = samples.copy_to(folder)
    out.print(f"{folder}: {copied} files copied, {there} were there", highlight=False)


def _command() -> str:
    """How the reader calls this program: by its name, or as `make` has installed it."""
    if shutil.which("seogo") is None and Path(".venv/bin/seogo").exists():
        return ".venv/bin/seogo"
    return "seogo"


def _search(conn: psycopg.Connection[Any], asked: str, what: str, **query: Any) -> None:
    hits, degraded, _ = job.run(conn, read(EncoderSettings), collection=COLLECTION, **query)
    if degraded:
        raise JobError("; ".join(degraded))
    out.print(f"\n[bold]{asked}[/]   [dim]({what})[/]", highlight=False)
    show(hits)
