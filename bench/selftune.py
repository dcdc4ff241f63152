"""Fusions learned without judgments, held against judgments that they have not seen.

    python bench/selftune.py cranfield itembank          # some minutes, most of them encoding
    python bench/selftune.py                             # all; SciFact and law take half an hour more
    python bench/selftune.py legal-ko --queries 500      # so many of the judged queries, a fixed draw

Queries are made from each collection's own texts (`seogo selftune`), the fusion is learned from them alone,
and then the judged queries are asked: each leg, equal reciprocal ranks, and what was learned, with a paired
randomisation test. The last column has the legs by made queries: do these put them in the same order?
Collections `bench-self-*` are kept for the next time; law with decisions has, as a field of weight 0.5, what
decisions of the train split that cite an article were about (bench/legal.py). No profile is put to use.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import itembank
import legal
import msgspec
import numpy as np
import psycopg
from quality import lines
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.evaluation.rows import QueryIn
from db.items.items import collections, create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.settings import EncoderSettings
from flows import encoding
from flows.evaluation import compare
from jobs import embed
from jobs.evaluation import formats, load, runner
from jobs.recipes import legal as recipe
from jobs.selftuning import asking, learning
from jobs.tuning.lists import Lists
from jobs.tuning.lists import load as load_lists
from jobs.tuning.measures import Measure, singles, values

BATCH = 500
SEED = 20
MEASURES = (Measure("nDCG", 10), Measure("R", 10))
EQUAL = msgspec.structs.replace(learning.PLAIN, name="equal weights")


class Judged(NamedTuple):
    """Items with their collection's settings; files of judged queries, None: items are asked."""

    items: list[ItemIn]
    settings: NewCollection
    queries: Path | None
    qrels: Path


def abstracts(folder: Path, qrels: str) -> Judged:
    rows = list(lines(folder / "corpus.jsonl"))
    items = [
        ItemIn(external_id=r["_id"], fields={k: r[k] for k in ("title", "text") if r[k]})
        for r in rows
    ]
    sources = {"text": {"document": ["title", "text"]}}
    settings = NewCollection(analyzer="english", vector_sources=sources)
    return Judged(items, settings, folder / "queries.jsonl", folder / qrels)


def law(folder: Path, *, decisions: bool) -> Judged:
    items = [recipe.to_item(row) for row in lines(folder / "passages.jsonl")]
    told = legal.cited_by(folder) if decisions else {}
    items = [
        ItemIn(
            external_id=item.external_id,
            fields=item.fields
            | ({"decisions": told[item.external_id]} if item.external_id in told else {}),
            metadata=item.metadata,
        )
        for item in items
    ]
    queries, qrels = folder / "queries.dev.jsonl", folder / "qrels.dev.trec"
    return Judged(items, recipe.RECIPE.collection, queries, qrels)


def bank(folder: Path) -> Judged:
    items = [itembank.item(row) for row in lines(folder / "items.jsonl")]
    settings = NewCollection(
        field_weights={"units": 2.0, "choices": 0.5}, vector_sources={"text": itembank.SOURCES}
    )
    return Judged(items, settings, None, folder / "qrels.hybrid.trec")


SETS: dict[str, Callable[[Path], Judged]] = {
    "scifact": lambda data: abstracts(data / "scifact", "qrels.test.trec"),
    "cranfield": lambda data: abstracts(data / "cranfield", "qrels.trec"),
    "legal-ko": lambda data: law(data / "legal-ko", decisions=False),
    "legal-ko-decisions": lambda data: law(data / "legal-ko", decisions=True),
    "itembank": lambda data: bank(data / "itembank"),
}


def prepare(conn: psycopg.Connection[Any], called: str, given: Judged, bar: Progress) -> None:
    """Make the collection with its vectors where something is missing."""
    if called not in {row.collection for row in fetch(conn, collections())}:
        fetch(conn, create_collection(name=called, settings=given.settings))
        for start in range(0, len(given.items), BATCH):
            part = given.items[start : start + BATCH]
            fetch(conn, upsert_items(collection=called, items=part))
    encoders = read(EncoderSettings)
    embed.ensure_spaces(conn, encoders)
    for space in fetch(conn, embedding.live_spaces(collection=called)):
        encoder, report = encoding.encoder_of(space, encoders), embed.EmbedReport()
        task = bar.add_task(f"encode {called}", total=None)
        while done := embed.batch(conn, space, encoder, report):
            bar.advance(task, len(done))
    conn.execute("ANALYZE")


def judged_lists(conn: psycopg.Connection[Any], called: str, given: Judged, most: int) -> Lists:
    """Lists of the legs for the judged queries, at most so many, drawn with a fixed seed."""
    judged = formats.read_qrels(given.qrels)
    known = list(dict.fromkeys(row.query for row in judged))
    if len(known) > most:
        drawn = np.random.default_rng(SEED).choice(len(known), most, replace=False)
        known = [known[at] for at in sorted(drawn)]
    if given.queries is None:
        asked = [QueryIn(external_id=query, item=query) for query in known]
    else:
        texts = {str(row.get("_id") or row["id"]): row["text"] for row in lines(given.queries)}
        asked = [QueryIn(external_id=query, text=texts[query]) for query in known]
    chosen = [row for row in judged if row.query in set(known)]
    load.import_set(conn, called, asked, chosen, source="qrels")
    settings = runner.Settings(collection=called, query_set=called, label="bench")
    return load_lists(conn, runner.run(conn, read(EncoderSettings), settings)[0], "qrels")


def show(out: Console, name: str, made: asking.Made, judged: Lists) -> None:
    learned = learning.learn(made.lists, EQUAL)
    fusion = learned.fusion
    scale = f"rrf {fusion.k_rrf}" if fusion.method == "rrf" else fusion.normalization
    weights = ", ".join(f"{leg} {weight:g}" for leg, weight in fusion.weights.items())
    verdict = "goes live" if learned.decision.activate else "stays equal"
    out.print(f"[bold]{name}[/]: {len(made.strata)} made, {len(judged.queries)} judged queries")
    out.print(f"{scale}; {weights}: {verdict}: {learned.decision.reason}", soft_wrap=True)
    used = fusion if learned.decision.activate else EQUAL
    table = Table("system", *map(str, MEASURES), "made, nDCG@10")
    rows = {
        leg: [by[leg] for by in (singles(judged, m) for m in MEASURES)]
        for leg in singles(judged, MEASURES[0])
    }
    rows |= {
        label: [values(judged, how, m) for m in MEASURES]
        for label, how in (("equal weights", EQUAL), ("learned", fusion), ("in use", used))
    }
    means = learned.means | {"equal weights": learned.means[f"live: {EQUAL.name}"]}
    for label, by in rows.items():
        told = f"{means[label].mean:.4f}" if label in means else ""
        table.add_row(label, *(f"{values.mean():.4f}" for values in by), told)
    out.print(table)
    for at, measure in enumerate(MEASURES):
        best = max(
            (leg for leg in rows if leg.startswith("leg ")), key=lambda leg: rows[leg][at].mean()
        )
        for rival in ("equal weights", best):
            found = compare.compare(rows[rival][at], rows["in use"][at], measure=str(measure))
            d = found.difference
            out.print(
                f"{measure} in use - {rival}: {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}],"
                f" p {found.p_randomisation:.4f}",
                highlight=False,
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=list(SETS), choices=list(SETS))
    default = os.environ.get("SEOGO_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--queries", type=int, default=500, metavar="N", help="judged, at most")
    args = parser.parse_args()
    settings, out = read(DbSettings), Console(width=120)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        for name in args.sets:
            given, called = SETS[name](args.data), f"bench-self-{name}"
            with Progress() as bar:
                prepare(conn, called, given, bar)
            made = asking.ask(conn, called, read(EncoderSettings))
            show(out, name, made, judged_lists(conn, called, given, args.queries))


if __name__ == "__main__":
    main()
