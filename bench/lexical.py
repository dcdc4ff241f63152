"""Lexical search against its peers: time, agreement with exact BM25, build, size. One machine, one run.

  python bench/lexical.py --docs 20000 200000     synthetic texts (bench/corpus.py)
  python bench/lexical.py --docs --data scifact   5,183 abstracts and their claims

Uses a database of its own, seogo_bench, on the server that SEOGO_DATABASE_URL names (or the embedded one);
the role must be allowed to create it. Queries go round-robin through the systems, after a warm-up.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, LiteralString, NamedTuple

import corpus
import numpy as np
import psycopg
from exact import Exact, Verdict, judge
from psycopg import sql
from psycopg.conninfo import make_conninfo
from rich.console import Console
from rich.table import Table
from systems import SYSTEMS, TOP, Built, Ours, Search, System, scratch, stage

from db import connect, migrate
from db.settings import DbSettings, read

DATABASE = "seogo_bench"
WARM_UP = 20
GOAL_DOCS = 200_000


class Timing(NamedTuple):
    """What one way of searching gave, over the queries it was asked."""

    queries: int
    p50_ms: float
    p95_ms: float
    agreement: float
    identical: int


class Merge(NamedTuple):
    """What merging our index took, and the bytes before and after it."""

    total_s: float
    longest_s: float
    steps: int
    size: int


class Report(NamedTuple):
    """All figures of one corpus."""

    corpus: str
    docs: int
    built: dict[str, Built]
    unmerged: dict[str, Timing]
    merge: Merge | None
    timings: dict[str, Timing]
    deviation: float | None


class Corpus(NamedTuple):
    """Texts and queries; both are tokens with single spaces between them."""

    name: str
    texts: list[str]
    queries: list[str]
    warm_up: list[str]


def synthetic(docs: int, query_n: int) -> Corpus:
    texts = list(corpus.documents(docs))
    queries = corpus.queries(texts, query_n + WARM_UP)
    return Corpus(f"synthetic {docs:,}", texts, queries[:query_n], queries[query_n:])


def plain(text: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", text.lower()))


def scifact(folder: Path, query_n: int) -> Corpus:
    """Titles and abstracts; as queries the claims, each word once."""
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").open()]
    texts = [plain(f"{row['title']} {row['text']}") for row in rows]
    asked = [plain(json.loads(line)["text"]) for line in (folder / "queries.jsonl").open()]
    queries = [" ".join(dict.fromkeys(query.split())) for query in asked]
    return Corpus("scifact", texts, queries[:query_n], queries[-WARM_UP:])


def locale(server_version: int) -> LiteralString:
    """The locale of an embedded database, so that a run does not depend on the server's."""
    if server_version >= 170000:
        return "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    return "LOCALE 'C.UTF-8'"


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    """A connection to an upgraded database that is there for this run alone."""
    url = connect.database_url(read(DbSettings))
    name = sql.Identifier(DATABASE)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
        try:
            own = make_conninfo(url, dbname=DATABASE)
            migrate.upgrade(own)
            with psycopg.connect(own, autocommit=True) as conn:
                yield conn
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def measure(
    searches: dict[str, Search], limits: dict[str, int], given: Corpus, exact: Exact
) -> dict[str, Timing]:
    """Ask everything of everyone, in turns, so that a slow moment of the machine hits all alike."""
    for name, search in searches.items():
        for query in given.warm_up[: limits.get(name)]:
            search(query)
    gc.collect()
    gc.freeze()  # some peers hold millions of objects: no pause for them inside a query
    seconds: dict[str, list[float]] = {name: [] for name in searches}
    verdicts: dict[str, list[Verdict]] = {name: [] for name in searches}
    names = list(searches)
    for at, query in enumerate(given.queries):
        scores = exact.scores(query)
        turn = at % len(names)
        for name in names[turn:] + names[:turn]:
            if at < limits.get(name, len(given.queries)):
                started = time.perf_counter()
                found = searches[name](query)
                seconds[name].append(time.perf_counter() - started)
                verdicts[name].append(judge(scores, found, TOP))
    gc.unfreeze()
    return {name: timing(seconds[name], verdicts[name]) for name in names}


def timing(seconds: list[float], verdicts: list[Verdict]) -> Timing:
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000
    share = float(np.mean([v.share for v in verdicts]))
    return Timing(len(seconds), float(p50), float(p95), share, sum(v.identical for v in verdicts))


def deviation(ours: Ours, queries: list[str], exact: Exact) -> float:
    """The largest relative difference of our scores from the exact ones."""
    worst = 0.0
    for query in queries:
        scores = exact.scores(query)
        for doc, score in ours.ask(query, None):
            worst = max(worst, abs(score - scores[doc]) / scores[doc])
    return worst


def bench(given: Corpus, kinds: list[type[System]], console: Console) -> Report:
    """Build every system and time it."""
    exact = Exact(given.texts)
    built: dict[str, Built] = {}
    searches: dict[str, Search] = {}
    limits: dict[str, int] = {}
    unmerged: dict[str, Timing] = {}
    merge = off = None
    with database() as conn, scratch() as folder:
        stage(conn, given.texts)
        for kind in kinds:
            if kind.docs_limit is not None and len(given.texts) > kind.docs_limit:
                console.print(
                    f"{kind.name}: left out, it is measured up to {kind.docs_limit:,} documents"
                )
                continue
            system = kind(conn, Path(folder))
            built[kind.name] = system.build(given.texts)
            console.print(f"{given.name}: {kind.name} built in {built[kind.name].total_s:.1f} s")
            if isinstance(system, Ours):
                unmerged = measure(system.searches(), {}, given, exact)
                merge = merged(system)
                off = deviation(system, given.queries, exact)
            searches |= system.searches()
            if kind.query_limit is not None:
                limits |= dict.fromkeys(system.searches(), kind.query_limit)
        timings = measure(searches, limits, given, exact)
    return Report(given.name, len(given.texts), built, unmerged, merge, timings, off)


def merged(ours: Ours) -> Merge:
    steps = ours.merge()
    ours.vacuum()
    return Merge(sum(steps), max(steps), len(steps), ours.size())


def show(report: Report, console: Console) -> None:
    """Print what a corpus gave: the queries, then the building."""
    title = f"{report.corpus}: {report.docs:,} documents, top {TOP}"
    table = tabled(
        title, "system", "queries", "p50 ms", "p95 ms", "/ ours", "right of 10", "identical"
    )
    ours = report.timings.get(Ours.name)
    for name, at in (
        *((f"{n}, unmerged", t) for n, t in report.unmerged.items()),
        *report.timings.items(),
    ):
        ratio = f"{at.p50_ms / ours.p50_ms:.2f}" if ours else ""
        times = (f"{at.p50_ms:.1f}", f"{at.p95_ms:.1f}", ratio)
        right = (f"{10 * at.agreement:.2f}", f"{at.identical}/{at.queries}")
        table.add_row(name, str(at.queries), *times, *right)
    console.print(table)
    table = tabled(f"{report.corpus}: building", "system", "seconds", "docs/s", "MB")
    for name, made in report.built.items():
        size = "in memory" if made.size is None else f"{made.size / 1e6:.0f}"
        table.add_row(name, f"{made.total_s:.1f}", f"{report.docs / made.ingest_s:,.0f}", size)
    console.print(table)
    if report.merge is not None:
        m = report.merge
        console.print(
            f"Merge of ours: {m.total_s:.1f} s in {m.steps} steps, the longest {m.longest_s:.2f} s;"
            f" then {m.size / 1e6:.0f} MB, the space that it freed included.\n"
            f"Largest relative difference of our scores from the exact ones: {report.deviation:.1e}."
        )


def tabled(title: str, *columns: str) -> Table:
    """An empty table: the first column holds names, the others figures."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right" if table.columns else "left")
    return table


def show_growth(reports: list[Report], console: Console) -> None:
    sizes = [f"{report.docs:,}" for report in reports]
    table = tabled("p50 / p95 ms by number of documents", "system", *sizes)
    for name in dict.fromkeys(name for report in reports for name in report.timings):
        found = [report.timings.get(name) for report in reports]
        table.add_row(name, *(f"{t.p50_ms:.1f} / {t.p95_ms:.1f}" if t else "-" for t in found))
    console.print(table)


def goals(report: Report) -> Iterator[tuple[str, float, bool]]:
    """Each goal that this run can tell about, the figure, and whether it holds."""
    ours = report.timings.get(Ours.name)
    if ours is None:
        return
    yield "p50, exact, at most 10 ms", ours.p50_ms, ours.p50_ms <= 10
    yield "p95, exact, at most 60 ms", ours.p95_ms, ours.p95_ms <= 60
    yield "right of 10: all", 10 * ours.agreement, ours.identical == ours.queries
    rate = report.docs / report.built[Ours.name].ingest_s
    yield "documents per second, at least 1,000", rate, rate >= 1000
    if "ts_rank_cd" in report.timings:
        times = report.timings["ts_rank_cd"].p50_ms / ours.p50_ms
        yield "p50 of ts_rank_cd / ours, at least 25", times, times >= 25
    if "lancedb" in report.timings:
        times = ours.p50_ms / report.timings["lancedb"].p50_ms
        yield "our p50 / LanceDB's, at most 1.5", times, times <= 1.5


def show_goals(report: Report, console: Console) -> None:
    title = f"Goals, on {report.corpus}"
    if report.docs != GOAL_DOCS:
        title += f" (they are set for {GOAL_DOCS:,} documents)"
    table = tabled(title, "goal", "figure", "holds")
    for goal, figure, holds in goals(report):
        table.add_row(goal, f"{figure:,.1f}", "yes" if holds else "NO")
    console.print(table)


def packages(kinds: list[type[System]]) -> dict[str, str]:
    return {k.package: version(k.package) for k in kinds if k.package is not None}


def chosen(names: list[str], console: Console) -> list[type[System]]:
    kinds = [kind for kind in SYSTEMS if kind.name in names]
    missing = [kind.package for kind in kinds if kind.package is not None and kind.missing()]
    if missing:
        console.print(f"not installed, left out: pip install {' '.join(missing)}")
    return [kind for kind in kinds if not kind.missing()]


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [kind.name for kind in SYSTEMS]
    parser.add_argument("--docs", type=int, nargs="*", default=[20_000, 200_000], metavar="N")
    parser.add_argument("--data", choices=["scifact"], action="append", default=[])
    parser.add_argument(
        "--data-dir", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data")
    )
    parser.add_argument("--queries", type=int, default=200, metavar="N")
    parser.add_argument("--systems", nargs="+", choices=names, default=names)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    console = Console()
    kinds = chosen(args.systems, console)
    reports = []
    for docs in args.docs:
        reports.append(bench(synthetic(docs, args.queries), kinds, console))
        show(reports[-1], console)
    grown = list(reports)
    if args.data:
        reports.append(bench(scifact(args.data_dir / "scifact", args.queries), kinds, console))
        show(reports[-1], console)
    if len(grown) > 1:
        show_growth(grown, console)
    for report in [r for r in grown if r.docs == GOAL_DOCS] or reports[:1]:
        show_goals(report, console)
    if args.json:
        written = {
            "machine": f"{os.cpu_count()} cores, {platform.machine()}",
            "python": platform.python_version(),
            "packages": packages(kinds),
            "reports": [plain_report(r) for r in reports],
        }
        args.json.write_text(json.dumps(written, indent=1) + "\n")


def plain_report(report: Report) -> dict[str, Any]:
    """The report as JSON knows it: named tuples become objects."""

    def plain_dict(given: dict[str, Any]) -> dict[str, Any]:
        return {name: value._asdict() for name, value in given.items()}

    return report._asdict() | {
        "built": plain_dict(report.built),
        "unmerged": plain_dict(report.unmerged),
        "timings": plain_dict(report.timings),
        "merge": report.merge and report.merge._asdict(),
    }


if __name__ == "__main__":
    main()
