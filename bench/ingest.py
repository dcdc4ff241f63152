"""The ingest pipeline on drawn nameplates: speed of each stage and of the whole, and what is then found.

  python bench/ingest.py                          2,000 pictures: a quarter of an hour on two cores
  python bench/ingest.py --n 200 --queries 100
  python bench/ingest.py --docs 200000            time to import so many texts of 56 words instead

Texts are those of corpus.py, JSON lines into an empty collection without vectors; `seogo ingest --load-only`
is timed as a whole, from its start to the maintenance of the index at its end; `loading` is before that.

Pictures are those of nameplates.py, one in eight a part without writing. `seogo ingest` loads them into a
database of its own (seogo_bench, dropped at the end) on the server that SEOGO_DATABASE_URL names, or the
embedded one; then the same again, which has to change nothing. `alone` is what OCR reads a second in as many
processes with nothing beside it, measured just before; `busy` the share of the run in which a stage
worked, over all its workers.

Queries are other photographs of some of the same plates. found@1: the plate is the first answer; another
plate of the same part number does not count.
  number   by part and serial numbers that OCR reads in the query's picture
  picture  by the picture's vector
  both     fused, as `seogo search --picture` does
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import psycopg
from nameplates import Plate, plates
from PIL import Image
from psycopg.conninfo import make_conninfo
from rich.console import Console
from rich.progress import track
from scratchdb import DATABASE, database
from tables import tabled

from db import connect
from db.calls.query import fetch
from db.items.items import create_collection
from db.items.rows import NewCollection
from db.operations import runs
from db.search import functions
from db.search.legs import vector_text
from db.search.rows import Leg
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.ocr.settings import OcrOptions
from encoders.settings import EncoderSettings
from flows import encoding
from flows.encoding import encode_query
from jobs.stages import reading

COLLECTION = "plates"
SEED = 11
ALONE_N = 60
OCR = "auto"


class Run(NamedTuple):
    """One `seogo ingest`: its seconds, and the stages as its record has them."""

    seconds: float
    stages: dict[str, dict[str, float]]
    counts: dict[str, int]


class Found(NamedTuple):
    """A query, and whether each way found its plate first."""

    plate: Plate
    first: dict[str, bool]


def drawn(folder: Path, n: int) -> Path:
    """Draw the pictures and a manifest that does not say what is written on them."""
    manifest = folder / "manifest.jsonl"
    with manifest.open("w", encoding="utf-8") as out:
        for number, plate in enumerate(track(plates(n, SEED), "drawing", total=n, transient=True)):
            name = f"{number:05d}.jpg"
            Image.fromarray(plate.picture).save(folder / name, quality=90)
            record = {
                "external_id": str(number),
                "fields": {"title": plate.category, "maker": plate.maker},
                "media": [{"role": "photo", "path": name}],
            }
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return manifest


def import_texts(
    conn: psycopg.Connection[Any], url: str, folder: Path, n: int, console: Console
) -> None:
    """Import generated texts into an empty collection, and print how long it took."""
    path = folder / "texts.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(corpus.documents(n)):
            record = {"external_id": str(number), "fields": {"body": text}}
            out.write(json.dumps(record) + "\n")
    settings = NewCollection(analyzer="simple")
    fetch(conn, create_collection(name=COLLECTION, settings=settings))
    run = ingested(conn, url, path, "--load-only")
    loading = run.stages["load"]["busy_s"]
    size = conn.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone() or (0,)
    console.print(
        f"{run.counts['inserted']:,} texts: {run.seconds:.1f} s, loading {loading:.1f} s of it;"
        f" {n / run.seconds:,.0f} texts/s; the database has {size[0]:,.0f} MB",
        highlight=False,
    )


def alone(folder: Path, processes: int) -> float:
    """Pictures a second that OCR reads with nothing beside it, engines loaded."""
    data = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))[:ALONE_N]]
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(read_one, data[: 2 * processes]))
        started = time.perf_counter()
        list(pool.map(read_one, data))
        return len(data) / (time.perf_counter() - started)


def read_one(data: bytes) -> object:
    return reading.read_or_reason(data, OCR, OcrOptions(threads=1))


def ingested(conn: psycopg.Connection[Any], url: str, path: Path, *options: str) -> Run:
    """Run the command as a user would."""
    seogo = Path(sys.executable).with_name("seogo")
    command = [str(seogo), *("ingest", str(path), "-c", COLLECTION), *options]
    started = time.perf_counter()
    subprocess.run(command, env=os.environ | {"SEOGO_DATABASE_URL": url}, check=True)
    seconds = time.perf_counter() - started
    (newest,) = conn.execute("SELECT max(id) FROM ops.run").fetchone() or (0,)
    (run,) = fetch(conn, runs.get(run_id=newest))
    return Run(seconds, run.stages, run.counts)


def asked(conn: psycopg.Connection[Any], n: int, query_n: int) -> Iterable[Found]:
    """Search with another photograph of every so many-th plate."""
    (space,) = (
        s
        for s in fetch(conn, embedding.live_spaces(collection=COLLECTION))
        if s.modality == "image"
    )
    encoder = encoding.encoder_of(space, read(EncoderSettings))
    step = max(n // query_n, 1)
    again = enumerate(plates(n, SEED, view=1))
    for number, plate in track(again, "searching", total=n, transient=True):
        if number % step:
            continue
        text = " ".join(reading.numbers_in(plate.picture, OCR, OcrOptions()))
        words = list(functions.DEFAULT_LEGS) if text else []
        vec = vector_text(encode_query(encoder, "", plate.picture))
        shown = [Leg(kind="vector", space=space.space, vec=vec)]
        ways = {"number": words, "picture": shown, "both": [*words, *shown]}
        yield Found(
            plate, {name: first(conn, text, legs) == str(number) for name, legs in ways.items()}
        )


def first(conn: psycopg.Connection[Any], text: str, legs: list[Leg]) -> str | None:
    """External id of the first answer, if there is any."""
    if not legs:
        return None
    hits = fetch(conn, functions.hybrid(collection=COLLECTION, query=text, legs=legs, k=1))
    return hits[0].external_id if hits else None


def show_speed(run: Run, rate: float, again: Run, console: Console) -> None:
    """Stages of the first run, and the two rates that the goal compares."""
    whole = run.stages["ocr"]["done"] / run.seconds
    table = tabled(f"first run, {run.seconds:.0f} s", "stage", "done", "failed", "per s", "busy")
    for name, stage in run.stages.items():
        told = (f"{stage['done']:.0f}", f"{stage['failed']:.0f}", f"{stage['rate']:.2f}")
        table.add_row(name, *told, f"{stage['busy_s'] / run.seconds:.0%}")
    console.print(table)
    changed = {name: n for name in ("inserted", "updated", "refused") if (n := again.counts[name])}
    console.print(
        f"the whole: {whole:.2f} pictures/s; OCR alone: {rate:.2f}; {whole / rate:.0%} of it",
        f"\nthe same again: {again.seconds:.1f} s, changed: {changed or 'nothing'}",
        highlight=False,
    )


def show_found(found: list[Found], console: Console) -> None:
    """found@1 by what the plate is."""
    groups: dict[str, list[Found]] = defaultdict(list)
    kinds: list[Callable[[Plate], str]] = [
        lambda plate: f"{plate.language} plate" if plate.has_plate else "no plate",
        lambda plate: plate.difficulty,
        lambda plate: plate.category,
    ]
    for kind in kinds:
        for one in sorted(found, key=lambda f: kind(f.plate)):
            groups[kind(one.plate)].append(one)
    table = tabled("found@1 by another photograph", "queries", "n", *found[0].first)
    for name, some in (groups | {"all": found}).items():
        shares = (sum(f.first[way] for f in some) / len(some) for way in found[0].first)
        table.add_row(name, str(len(some)), *(f"{share:.3f}" for share in shares))
    console.print(table)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=2000, help="pictures")
    parser.add_argument("--queries", type=int, default=400, metavar="N")
    parser.add_argument("--docs", type=int, metavar="N", help="import so many texts instead")
    args = parser.parse_args()
    console = Console()
    processes = read(EncoderSettings).threads or os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name, database() as conn:
        url = make_conninfo(connect.database_url(read(DbSettings)), dbname=DATABASE)
        if args.docs:
            import_texts(conn, url, Path(name), args.docs, console)
            return
        manifest = drawn(Path(name), args.n)
        rate = alone(Path(name), processes)
        run, again = (ingested(conn, url, manifest, "--recipe", "parts") for _ in range(2))
        show_speed(run, rate, again, console)
        show_found(list(asked(conn, args.n, args.queries)), console)


if __name__ == "__main__":
    main()
