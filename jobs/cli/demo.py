"""`seogo demo`: ingest, read, encode and search the examples."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from db.settings import read
from encoders.settings import EncoderSettings
from flows import samples
from flows.local import Local
from flows.search import run
from flows.search.request import SearchIn
from jobs.cli.console import database, out
from jobs.cli.items.ingest import ingest
from jobs.cli.outputs import writable_folder
from jobs.cli.results import show
from jobs.errors import JobError

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
    file = file or samples.parts()
    ingest(file, samples.COLLECTION, "parts")
    with database() as conn:
        local = Local(conn, read(EncoderSettings))
        for what, query in SEARCHES:
            _search(local, query, what, SearchIn(query=query, k=k))
        picture = file.parent / PICTURE
        about = "a picture of a part, askew"
        _search(local, str(picture), about, SearchIn(k=k), picture.read_bytes())
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
    """The command line of this program: its name, or its path as `make` installed it."""
    if shutil.which("seogo") is None and Path(".venv/bin/seogo").exists():
        return ".venv/bin/seogo"
    return "seogo"


def _search(
    local: Local, title: str, about: str, request: SearchIn, picture: bytes | None = None
) -> None:
    found = local.run(run.search(samples.COLLECTION, request, picture))
    if found.degraded:
        raise JobError("; ".join(found.degraded))
    out.print(f"\n[bold]{title}[/]   [dim]({about})[/]", highlight=False)
    show(found.hits)
