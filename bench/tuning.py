"""What `seogo tune` learns on collections of texts: words, vectors, reciprocal ranks, learned; held out.

    python bench/tuning.py cranfield            # 1,400 abstracts: some minutes, most of them encoding
    python bench/tuning.py scifact              # 5,183 abstracts: a quarter of an hour on two cores
    python bench/tuning.py legal-ko --train 1000    # 7,458 articles, 2,377 queries: an hour and a half

Collections `bench-tuning-*` are kept for the next time, and encoding goes on where it was interrupted.
Vectors are those of the configured text encoder. Where a set has queries to train on, the fusion is learned
from these alone and reported on the others; elsewhere learned rows are of nested cross-validation, queries
with a common answer always in one fold where that leaves enough groups. No profile is put to use.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg
from quality import lines
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.evaluation.rows import QueryIn
from db.evaluation.tuning import Fusion
from db.items.items import collections, create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.settings import EncoderSettings
from flows import encoding
from flows.evaluation import compare
from jobs import embed
from jobs.evaluation import formats, load, runner
from jobs.tuning import profiles
from jobs.tuning.fusion import single
from jobs.tuning.lists import Lists, NotTunable
from jobs.tuning.lists import load as load_lists
from jobs.tuning.measures import Measure, values

BATCH = 500
SEED = 20
RRF = Fusion(name="reciprocal ranks", method="rrf", normalization="minmax", k_rrf=60, weights={})


class Bench(NamedTuple):
    """A judged collection: its settings, its files, and what is told of it.

    Attributes:
        corpus: file of documents.
        fields: fields of an item by the key that a document has them under.
        settings: of the collection.
        test: files of the queries that figures are of, and of their judgments.
        train: likewise of those to learn from, or None: cross-validation.
        measures: what figures are told; the first is learned for.
        subset: a key of the queries that marks some of which figures are told too.
    """

    corpus: str
    fields: dict[str, str]
    settings: NewCollection
    test: tuple[str, str]
    train: tuple[str, str] | None = None
    measures: Sequence[str] = ("nDCG@10", "R@10")
    subset: str | None = None


ABSTRACTS = NewCollection(
    analyzer="english", vector_sources={"text": {"document": ["title", "text"]}}
)
ARTICLES = NewCollection(
    analyzer="korean", vector_sources={"text": {"article": ["law", "title", "text"]}}
)
BENCHES = {
    "cranfield": Bench(
        "corpus.jsonl",
        {"title": "title", "text": "text"},
        ABSTRACTS,
        ("queries.jsonl", "qrels.trec"),
    ),
    "scifact": Bench(
        "corpus.jsonl",
        {"title": "title", "text": "text"},
        ABSTRACTS,
        ("queries.jsonl", "qrels.test.trec"),
        ("queries.train.jsonl", "qrels.train.trec"),
    ),
    "legal-ko": Bench(
        "passages.jsonl",
        {"law": "doc", "title": "title", "text": "text"},
        ARTICLES,
        ("queries.dev.jsonl", "qrels.dev.trec"),
        ("queries.train.jsonl", "qrels.train.trec"),
        ("R@10", "nDCG@10"),
        "complete",
    ),
}


def prepare(
    conn: psycopg.Connection[Any], name: str, folder: Path, on_items: Callable[[int], None]
) -> str:
    """Make the collection with its vectors where something is missing."""
    bench, called = BENCHES[name], f"bench-tuning-{name}"
    if called not in {row.collection for row in fetch(conn, collections())}:
        fetch(conn, create_collection(name=called, settings=bench.settings))
        rows = [item(bench, row) for row in lines(folder / bench.corpus)]
        for start in range(0, len(rows), BATCH):
            fetch(conn, upsert_items(collection=called, items=rows[start : start + BATCH]))
    encoders = read(EncoderSettings)
    embed.ensure_spaces(conn, encoders)
    for space in fetch(conn, embedding.live_spaces(collection=called)):
        encoder, report = encoding.encoder_of(space, encoders), embed.EmbedReport()
        while done := embed.batch(conn, space, encoder, report):
            on_items(done)
    return called


def item(bench: Bench, row: dict[str, Any]) -> ItemIn:
    fields = {field: row[key] for field, key in bench.fields.items() if row.get(key)}
    return ItemIn(external_id=external_id(row), fields=fields)


def external_id(row: dict[str, Any]) -> str:
    return str(row.get("_id") or row["id"])


def asked(
    conn: psycopg.Connection[Any],
    called: str,
    bench: Bench,
    files: tuple[Path, Path],
    most: int | None = None,
) -> int:
    """Ask the judged queries of a file, `most` of them drawn with a fixed seed; the run."""
    judged = formats.read_qrels(files[1])
    known = list(dict.fromkeys(row.query for row in judged))
    if most is not None and most < len(known):
        drawn = np.random.default_rng(SEED).choice(len(known), most, replace=False)
        known = [known[at] for at in sorted(drawn)]
        judged = [row for row in judged if row.query in set(known)]
    rows = {external_id(row): row for row in lines(files[0])}
    queries = [
        QueryIn(
            external_id=query,
            text=rows[query]["text"],
            categories=[bench.subset] if bench.subset and rows[query][bench.subset] else [],
        )
        for query in known
    ]
    name = f"{called}-{files[1].stem.removeprefix('qrels').strip('.') or 'all'}"
    load.import_set(conn, name, queries, judged, source="qrels")
    settings = runner.Settings(collection=called, query_set=name, label="bench")
    with Progress() as bar:
        task = bar.add_task(f"ask {len(queries)} queries", total=len(queries))
        run_id, _ = runner.run(
            conn,
            read(EncoderSettings),
            settings,
            lambda done, _total: bar.update(task, completed=done),
        )
    return run_id


def tuned(
    conn: psycopg.Connection[Any], called: str, run_id: int, measure: str
) -> profiles.FusionReport:
    """Learn; where answers chain the queries into few groups, each stands for itself."""
    options = profiles.TuningOptions(measure=measure, activate=False)
    try:
        return profiles.tune(conn, called, run_id, options)
    except NotTunable:
        by_query = profiles.TuningOptions(measure=measure, activate=False, group="query")
        return profiles.tune(conn, called, run_id, by_query)


def show(out: Console, name: str, report: profiles.FusionReport) -> None:
    table = Table("system", f"{report.measure}, 95 %")
    for label, mean in report.means.items():
        table.add_row(label, f"{mean.mean:.4f} [{mean.low:.4f}, {mean.high:.4f}]")
    out.print(f"[bold]{name}[/]: {report.queries} queries in {report.groups} groups")
    out.print(table)
    out.print(told(report), highlight=False)
    verdict = "would go live" if report.decision.activate else "refused"
    out.print(f"guard: {verdict}: {report.decision.reason}\n", markup=False, soft_wrap=True)


def told(report: profiles.FusionReport) -> str:
    fusion = report.fusion
    scale = f"rrf {fusion.k_rrf}" if fusion.method == "rrf" else fusion.normalization
    weights = ", ".join(f"{leg} {weight:g}" for leg, weight in fusion.weights.items())
    return f"{report.learner}: {scale}; {weights}"


def report_on(
    out: Console, title: str, lists: Lists, learned: Fusion, names: Sequence[str]
) -> None:
    """Figures of fusions on queries that none of them has seen."""
    table = Table("system", *(f"{name}, 95 %" for name in names), title=title, title_justify="left")
    measures = [Measure.parse(name) for name in names]
    rows = {leg: [m.of_scores(lists, single(lists, leg)) for m in measures] for leg in lists.legs}
    for fusion in (RRF, learned):
        rows[fusion.name] = [values(lists, fusion, m) for m in measures]
    for label, by_measure in rows.items():
        means = [compare.interval(by_query) for by_query in by_measure]
        table.add_row(label, *(f"{m.mean:.4f} [{m.low:.4f}, {m.high:.4f}]" for m in means))
    out.print(table)
    best = max(lists.legs, key=lambda leg: float(rows[leg][0].mean()))
    found = compare.compare(rows[best][0], rows[learned.name][0], measure=names[0])
    d = found.difference
    out.print(
        f"{learned.name} against {best}: {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}],"
        f" p {found.p_randomisation:.4f}\n",
        highlight=False,
    )


def bench_set(
    conn: psycopg.Connection[Any], out: Console, name: str, folder: Path, most: int | None
) -> None:
    bench = BENCHES[name]
    with Progress() as bar:
        advance = partial(bar.advance, bar.add_task(f"encode {name}", total=None))
        called = prepare(conn, name, folder, advance)
    test = (folder / bench.test[0], folder / bench.test[1])
    if bench.train is None:
        run_id = asked(conn, called, bench, test)
        show(out, name, tuned(conn, called, run_id, bench.measures[0]))
        return
    train = (folder / bench.train[0], folder / bench.train[1])
    report = tuned(conn, called, asked(conn, called, bench, train, most), bench.measures[0])
    show(out, f"{name}, queries to learn from", report)
    run_id = asked(conn, called, bench, test)
    learned = Fusion(
        name="learned on train",
        method=report.fusion.method,
        normalization=report.fusion.normalization,
        k_rrf=report.fusion.k_rrf,
        weights=report.fusion.weights,
    )
    lists = load_lists(conn, run_id)
    title = f"{name}, {len(lists.queries)} queries that nothing was learned from"
    report_on(out, title, lists, learned, bench.measures)
    if bench.subset is not None:
        marked = {external_id(row) for row in lines(test[0]) if row[bench.subset]}
        chosen = np.array([at for at, query in enumerate(lists.queries) if query in marked])
        title = f"of these {len(chosen)} marked {bench.subset}"
        report_on(out, title, lists.rows(chosen), learned, bench.measures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("sets", nargs="*", default=["cranfield"], choices=list(BENCHES))
    default = os.environ.get("SEOGO_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(default))
    parser.add_argument("--train", type=int, metavar="N", help="queries to learn from, at most")
    args = parser.parse_args()
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        for name in args.sets:
            bench_set(conn, Console(), name, args.data / name, args.train)


if __name__ == "__main__":
    main()
