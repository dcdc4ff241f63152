"""Search by item on the Korean maths item bank: single legs, fixed fusions, and what `seogo tune` learns.

    python bench/itembank.py
    python bench/itembank.py --truths hybrid --measure nDCG@10

The query is an item; it is left out of its own results. recall@k is |first k & relevant| / |relevant|,
the mean over the judged queries, as published. Learned rows are held out by nested cross-validation;
queries linked by a common answer are in one fold, where that leaves enough groups (the hybrid truth). Rows
marked * were picked in hindsight, on the very queries they are measured on: an upper bound, no estimate.
The data set has no pictures, so no leg sees any; the published systems did. The tfidf truth, and hybrid
which is made from it, rewards equal unit names, which the leg `units` compares.

The collection `bench-itembank` is kept for the next time; vectors are those of the configured encoder.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from quality import lines
from rich.console import Console
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Fusion
from db.items.items import collections, create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.search.rows import Leg
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.settings import EncoderSettings
from flows import encoding
from flows.evaluation import compare
from jobs import embed
from jobs.evaluation import formats, load, runner
from jobs.tuning import profiles
from jobs.tuning.learners import Grid
from jobs.tuning.lists import Lists, NotTunable
from jobs.tuning.lists import load as load_lists
from jobs.tuning.measures import Measure, values
from jobs.tuning.validation import Grouping

Floats = NDArray[np.float64]

# recall@5 as published for each ground truth: the best system, and BM25 where it was given.
PUBLISHED = {
    "tfidf": ".404 Qwen3-VL-Embedding-2B",
    "hybrid": ".837 Qwen3-VL-Embedding-2B, text; .447 BM25",
    "image": ".763 Qwen3-VL-Embedding-2B, multimodal; .674 text only",
    "llm": "(pool of one model's own top 10: tautological)",
}
COLLECTION = "bench-itembank"
CATEGORIES = ("image", "latex", "text_only")
SOURCES = {
    "question": ["question"],
    "solution": ["question", "explanation"],
    "explanation": ["explanation"],
    "units": ["units"],
}
LEGS = [
    Leg(kind="lexical"),
    *(Leg(kind="vector", space="text", source=source, name=source) for source in SOURCES),
]
# Answers of these chain all queries into one group; each query stands for itself then.
GROUP: dict[str, Grouping] = {"tfidf": "query", "llm": "query", "image": "query"}


def item(row: dict[str, Any]) -> ItemIn:
    units = (row["metadata"].get(f"unit_{size}") or "" for size in ("large", "medium", "small"))
    fields = {
        "question": row["text"],
        "choices": "\n".join(row["choices"] or []),
        "explanation": row["explanation"] or "",
        "units": "\n".join(filter(None, units)),
    }
    return ItemIn(
        external_id=row["id"],
        fields={k: text for k, text in fields.items() if text},
        metadata={"category": row["category"]},
    )


def prepare(conn: psycopg.Connection[Any], folder: Path, encoders: EncoderSettings) -> None:
    """Make the collection with its vectors where it is missing, and the queries with their judgments."""
    records = list(lines(folder / "items.jsonl"))
    if COLLECTION not in {row.collection for row in fetch(conn, collections())}:
        weights = {"units": 2.0, "choices": 0.5}
        settings = NewCollection(field_weights=weights, vector_sources={"text": SOURCES})
        fetch(conn, create_collection(name=COLLECTION, settings=settings))
        rows = [item(record) for record in records]
        fetch(conn, upsert_items(collection=COLLECTION, items=rows))
    embed.ensure_spaces(conn, encoders)
    for space in fetch(conn, embedding.live_spaces(collection=COLLECTION)):
        embed.run(conn, space, encoding.encoder_of(space, encoders))
    asked = [QueryIn(external_id=record["id"], item=record["id"]) for record in records]
    for truth in PUBLISHED:
        judged = formats.read_qrels(folder / f"qrels.{truth}.trec")
        load.import_set(conn, COLLECTION, asked, judged, source=truth)


def hindsight(found: Lists, measure: Measure) -> dict[str, Floats]:
    """Two legs, scores scaled to [0, 1], every alpha: the best there is on these very queries."""
    best: tuple[str, Floats] = "", np.zeros(0)
    for other in SOURCES:
        for n in range(1, 10):
            weights = dict.fromkeys(found.legs, 0.0) | {"lexical": 1 - n / 10, other: n / 10}
            fusion = Fusion(
                name="", method="weighted", normalization="minmax", k_rrf=60, weights=weights
            )
            by_query = values(found, fusion, measure)
            if not len(best[1]) or by_query.mean() > best[1].mean():
                best = f"* lexical and {other}, alpha {n / 10:.1f}", by_query
    grid = Grid(found, measure)
    top = grid(np.arange(len(found.queries)))
    told = ", ".join(f"{leg} {weight:g}" for leg, weight in top.weights.items() if weight)
    how = f"rrf {top.k_rrf}" if top.method == "rrf" else top.normalization
    return dict([best, (f"* best of the grid: {how}: {told}", values(found, top, measure))])


def sweep(found: Lists, measure: Measure) -> str:
    """Means by alpha between words and the vector of question and explanation."""
    means = []
    for n in range(11):
        weights = dict.fromkeys(found.legs, 0.0) | {"lexical": 1 - n / 10, "solution": n / 10}
        fusion = Fusion(
            name="", method="weighted", normalization="minmax", k_rrf=60, weights=weights
        )
        means.append(f"{values(found, fusion, measure).mean():.3f}")
    return f"alpha 0 (lexical) to 1 (solution): {' '.join(means)}"


def show(conn: psycopg.Connection[Any], out: Console, run_id: int, truth: str, name: str) -> None:
    measure = Measure.parse(name)
    report = profiles.tune(
        conn,
        COLLECTION,
        run_id,
        profiles.TuningOptions(
            measure=name, source=truth, activate=False, group=GROUP.get(truth, "linked")
        ),
    )
    found = load_lists(conn, run_id, truth)
    extra = hindsight(found, measure)
    rows = report.means | {label: compare.interval(by) for label, by in extra.items()}
    out.print(
        f"[bold]{truth}[/]: {report.queries} queries in {report.groups} groups; published recall@5 "
        + PUBLISHED[truth]
    )
    table = Table("system", f"{name}, 95 %")
    for label, mean in rows.items():
        table.add_row(label, f"{mean.mean:.3f} [{mean.low:.3f}, {mean.high:.3f}]")
    out.print(table)
    out.print(sweep(found, measure), highlight=False, soft_wrap=True)
    counts = Counter(report.choices).most_common()
    told = ", ".join(f"{learner} {n}" for learner, n in counts)
    out.print(f"chosen by fold: {told}", highlight=False)
    verdict = "would go live" if report.decision.activate else "refused"
    out.print(f"guard: {verdict}: {report.decision.reason}\n", markup=False, soft_wrap=True)


def routed(conn: psycopg.Connection[Any], out: Console, run_id: int, truth: str, name: str) -> None:
    """A fusion for each category of the asking item, and the mean of all; each query for itself."""
    total, queries = 0.0, 0
    for category in CATEGORIES:
        options = profiles.TuningOptions(
            measure=name,
            source=truth,
            activate=False,
            group="query",
            asker={"category": category},
        )
        try:
            report = profiles.tune(conn, COLLECTION, run_id, options)
        except NotTunable as exc:
            out.print(f"{category}: {exc}", markup=False)
            continue
        mean = report.means["tuned"].mean
        out.print(f"{category}: tuned {mean:.3f}, {report.queries} queries", highlight=False)
        total, queries = total + mean * report.queries, queries + report.queries
    if queries:
        out.print(
            f"routed by category: {total / queries:.3f} of {queries} queries\n", highlight=False
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    default = os.environ.get("SEOGO_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--truths", nargs="+", default=list(PUBLISHED), choices=list(PUBLISHED))
    parser.add_argument("--measure", default="R@5")
    parser.add_argument(
        "--routed", action="store_true", help="Also a fusion for each category of the asking item."
    )
    args = parser.parse_args()
    out = Console()
    settings, encoders = read(DbSettings), read(EncoderSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        prepare(conn, args.data / "itembank", encoders)
        asked = runner.Settings(
            collection=COLLECTION, query_set=COLLECTION, legs=LEGS, label="bench"
        )
        run_id, done = runner.run(conn, encoders, asked)
        out.print(f"run {run_id}: {done.answered} of {done.queries} queries, {done.failed} refused")
        for truth in args.truths:
            show(conn, out, run_id, truth, args.measure)
            if args.routed:
                routed(conn, out, run_id, truth, args.measure)


if __name__ == "__main__":
    main()
