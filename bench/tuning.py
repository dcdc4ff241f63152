"""What `seogo tune` learns on collections of texts: words, vectors, reciprocal ranks, learned; held out.

    python bench/tuning.py cranfield            # 1,400 abstracts: some minutes, most of them encoding
    python bench/tuning.py scifact              # 5,183 abstracts: a quarter of an hour on two cores

Collections `bench-tuning-*` are kept for the next time, and encoding goes on where it was interrupted.
Vectors are those of the configured text encoder. Learned rows are of nested cross-validation, queries with a
common answer always in one fold where that leaves enough groups; nothing is put to use.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from quality import lines
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from db import connect, migrate, ops
from db.evalrows import QueryIn
from db.items import collections, create_collection, upsert_items
from db.query import fetch
from db.rows import ItemIn, NewCollection
from db.settings import DbSettings, read
from encoders.settings import EncoderSettings
from jobs import embed
from jobs.evaluation import formats, load, runner
from jobs.tuning import job
from jobs.tuning.lists import NotTunable

BATCH = 500
FILES = {"cranfield": "qrels.trec", "scifact": "qrels.test.trec"}
SOURCES = {"text": {"document": ["title", "text"]}}


def document(row: dict[str, Any]) -> ItemIn:
    fields = {name: row[name] for name in ("title", "text") if row.get(name)}
    return ItemIn(external_id=str(row.get("_id") or row["id"]), fields=fields)


def prepare(
    conn: psycopg.Connection[Any], name: str, folder: Path, on_items: Callable[[int], None]
) -> str:
    """Make the collection with its vectors where something is missing, and the queries."""
    called = f"bench-tuning-{name}"
    if called not in {row.collection for row in fetch(conn, collections())}:
        settings = NewCollection(analyzer="english", vector_sources=SOURCES)
        fetch(conn, create_collection(name=called, settings=settings))
        rows = [document(row) for row in lines(folder / "corpus.jsonl")]
        for start in range(0, len(rows), BATCH):
            fetch(conn, upsert_items(collection=called, items=rows[start : start + BATCH]))
    encoders = read(EncoderSettings)
    embed.ensure_spaces(conn, encoders)
    for space in fetch(conn, ops.live_spaces(collection=called)):
        embed.run(conn, space, embed.encoder_of(space, encoders), on_items=on_items)
    judged = formats.read_qrels(folder / FILES[name])
    texts = {
        str(row.get("_id") or row["id"]): row["text"] for row in lines(folder / "queries.jsonl")
    }
    asked = [QueryIn(external_id=q, text=texts[q]) for q in dict.fromkeys(j.query for j in judged)]
    load.import_set(conn, called, asked, judged, source="qrels")
    return called


def tuned(conn: psycopg.Connection[Any], called: str, measure: str) -> job.Report:
    """Ask and learn; where answers chain the queries into few groups, each stands for itself."""
    asked = runner.Settings(collection=called, query_set=called, label="bench")
    run_id, _ = runner.run(conn, read(EncoderSettings), asked)
    options = job.Options(measure=measure, activate=False)
    try:
        return job.tune(conn, called, run_id, options)
    except NotTunable:
        by_query = job.Options(measure=measure, activate=False, group="query")
        return job.tune(conn, called, run_id, by_query)


def show(out: Console, name: str, report: job.Report) -> None:
    table = Table("system", f"{report.measure}, 95 %")
    for label, mean in report.means.items():
        table.add_row(label, f"{mean.mean:.4f} [{mean.low:.4f}, {mean.high:.4f}]")
    out.print(f"[bold]{name}[/]: {report.queries} queries in {report.groups} groups")
    out.print(table)
    weights = ", ".join(f"{leg} {weight:g}" for leg, weight in report.fusion.weights.items())
    out.print(f"{report.learner}: {report.fusion.method}; {weights}", highlight=False)
    verdict = "would go live" if report.decision.activate else "refused"
    out.print(f"guard: {verdict}: {report.decision.reason}\n", markup=False, soft_wrap=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("sets", nargs="*", default=["cranfield"], choices=list(FILES))
    default = os.environ.get("SEOGO_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--measure", default="nDCG@10")
    args = parser.parse_args()
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        for name in args.sets:
            with Progress() as bar:
                advance = partial(bar.advance, bar.add_task(f"encode {name}", total=None))
                called = prepare(conn, name, args.data / name, advance)
            show(Console(), name, tuned(conn, called, args.measure))


if __name__ == "__main__":
    main()
