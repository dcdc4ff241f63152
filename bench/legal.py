"""Law: words, citations, vectors and their fusion on legal-ko dev, by kind of query, with intervals.

  python bench/legal.py --encoders multilingual-e5-small file:/path/runs/1/onnx     half an hour
  python bench/legal.py --queries 300 --passages 0                                  no vectors: some minutes
  python bench/legal.py --queries 300 --passages 2000 --encoders …                  a sample of the articles
  python bench/legal.py --runs equal=1,3 related=2,4                                runs of `seogo eval run`

A sample of articles holds every article that answers one of the queries and others, drawn with a fixed seed:
figures on it are higher than on all; differences between systems are what it is for. `decisions` adds to each
article, as a field of weight 0.5, the issues of decisions of the train split that cite it, without those that
the dev split asks nearly word for word. Fusion is by reciprocal ranks (60) of the first 100 of each leg.
Beside the queries of dev are asked the questions of laymen in examples/law, our own.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg
from quality import Qrels, lines, trec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.evaluation import query_sets
from db.items.items import create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.search import functions
from db.settings import DbSettings, read
from encoders import registry
from encoders.settings import EncoderSettings
from encoders.training.pairs import TrainingPair
from flows.evaluation.compare import RESAMPLES
from jobs.recipes import legal
from jobs.training import split

DEPTH = 100
K_RRF = 60
SEED = 20
BATCH = 500
KINDS = ("all", "complete", "hard", "explicit", "apart", "new", "laymen")
# A query is new where no query of train shares more of its runs of letters, and none is of its case.
NEW_BELOW = 0.3
LAYMEN = Path(__file__).parents[1] / "examples" / "law"
Run = dict[str, list[str]]


class Data(NamedTuple):
    """Items, queries by id, what they should find, and which kinds they are of."""

    items: list[ItemIn]
    queries: dict[str, str]
    qrels: Qrels
    kinds: dict[str, set[str]]
    decisions: dict[str, str]


def load(folder: Path, n_queries: int | None, n_passages: int | None) -> Data:
    qrels = trec(folder / "qrels.dev.trec")
    rows = [row for row in lines(folder / "queries.dev.jsonl") if row["id"] in qrels]
    draw = np.random.default_rng(SEED)
    if n_queries:
        rows = [rows[at] for at in sorted(draw.permutation(len(rows))[:n_queries])]
    items = [legal.to_item(row) for row in lines(folder / "passages.jsonl")]
    needed = {doc for row in rows for doc in qrels[row["id"]]}
    needed |= {doc for docs in trec(LAYMEN / "qrels.trec").values() for doc in docs}
    if n_passages:
        others = [i.external_id for i in items if i.external_id not in needed]
        drawn = draw.permutation(len(others))[: max(0, n_passages - len(needed))]
        needed |= {others[at] for at in drawn}
        items = [item for item in items if item.external_id in needed]
    train = [row["text"] for row in lines(folder / "queries.train.jsonl")]
    asked = [TrainingPair(query=row["text"], positive="") for row in rows]
    alike = {leak.query for leak in split.leaks(asked, train)}
    near = split.nearest([row["text"] for row in rows], train)
    cases = {row["case_no"] for row in lines(folder / "queries.train.jsonl")}
    laymen = {row["id"]: row["text"] for row in lines(LAYMEN / "questions.jsonl")}
    answers = trec(LAYMEN / "qrels.trec")
    return Data(
        items=items,
        queries={row["id"]: row["text"] for row in rows} | laymen,
        qrels={row["id"]: qrels[row["id"]] for row in rows} | answers,
        kinds={
            "all": {r["id"] for r in rows},
            "complete": {r["id"] for r in rows if r["complete"]},
            "hard": {r["id"] for r in rows if r["complete"] and not r["explicit_cite"]},
            "explicit": {r["id"] for r in rows if r["explicit_cite"]},
            "apart": {r["id"] for r in rows if r["text"] not in alike},
            "new": {
                r["id"]
                for r in rows
                if (r["text"] not in near or near[r["text"]].share < NEW_BELOW)
                and r["case_no"] not in cases
            },
            "laymen": set(laymen),
        },
        decisions=cited_by(folder),
    )


def cited_by(folder: Path) -> dict[str, str]:
    """Issues of train decisions by the article they cite, none that dev asks as well."""
    asked = {row["id"]: row["text"] for row in lines(folder / "queries.train.jsonl")}
    dev = [row["text"] for row in lines(folder / "queries.dev.jsonl")]
    pairs = [
        TrainingPair(query=asked[query], positive=doc, positive_id=doc)
        for query, docs in trec(folder / "qrels.train.trec").items()
        for doc in docs
    ]
    found: dict[str, list[str]] = {}
    for pair in split.without(pairs, split.leaks(pairs, dev)):
        found.setdefault(pair.positive_id, []).append(pair.query)
    return {doc: "\n".join(texts) for doc, texts in found.items()}


def most_cited(folder: Path, queries: Iterable[str]) -> Run:
    """The articles that most queries of train cite, for every query alike."""
    counts = Counter(doc for docs in trec(folder / "qrels.train.trec").values() for doc in docs)
    best = [doc for doc, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))][:DEPTH]
    return dict.fromkeys(queries, best)


def recount(folder: Path) -> str:
    """Counts of queries and pairs of train that repeat queries of dev, word for word or nearly."""
    asked = {row["id"]: row["text"] for row in lines(folder / "queries.train.jsonl")}
    dev = [row["text"] for row in lines(folder / "queries.dev.jsonl")]
    pairs = [
        TrainingPair(query=asked[query], positive=doc, positive_id=doc, query_id=query)
        for query, docs in trec(folder / "qrels.train.trec").items()
        for doc in docs
    ]
    once = split.without(pairs, [])
    kept = split.without(pairs, leaked := split.leaks(pairs, dev))
    texts = {leak.query for leak in leaked}
    queries = sum(text in texts for text in asked.values())
    return (
        f"{queries:,} of {len(asked):,} queries of train repeat dev;"
        f" {len(once) - len(kept):,} of {len(once):,} pairs"
    )


def with_decisions(data: Data) -> list[ItemIn]:
    told = {doc: {"decisions": text} for doc, text in data.decisions.items()}
    return [
        ItemIn(
            external_id=item.external_id,
            fields=item.fields | told.get(item.external_id, {}),
            metadata=item.metadata,
        )
        for item in data.items
    ]


def ask(
    conn: psycopg.Connection[Any], items: Sequence[ItemIn], data: Data, name: str
) -> tuple[Run, Run]:
    """Answers of the lexical leg and of the identifier leg; the collection is gone afterwards."""
    base = legal.RECIPE.collection
    made = NewCollection(
        analyzer=base.analyzer,
        field_weights=base.field_weights,
        identifier_fields=base.identifier_fields,
    )
    fetch(conn, create_collection(name=name, settings=made))
    try:
        for start in range(0, len(items), BATCH):
            fetch(conn, upsert_items(collection=name, items=items[start : start + BATCH]))
        conn.execute("ANALYZE")
        names = dict(conn.execute("SELECT id, external_id FROM core.item").fetchall())
        words: Run = {}
        cited: Run = {}
        for query, text in track(data.queries.items(), "searching", transient=True):
            hits = fetch(conn, functions.lexical(collection=name, query=text, k=DEPTH))
            words[query] = [names[hit.item_id] for hit in hits]
            numbers = fetch(conn, functions.identifier(collection=name, query=text, k=DEPTH))
            cited[query] = [names[hit.item_id] for hit in numbers]
        return words, cited
    finally:
        conn.execute("DELETE FROM core.collection WHERE name = %s", (name,))


def by_vectors(encoder_name: str, data: Data) -> Run:
    """The nearest articles, each by its best window, as the engine takes them."""
    settings = read(EncoderSettings)
    spec = registry.spec(encoder_name, settings.models_path)
    encoder = registry.build(spec, settings.models_path, settings.threads)
    names = legal.RECIPE.collection.vector_sources["text"]["article"]
    texts = ["\n".join(i.fields[name] for name in names if name in i.fields) for i in data.items]
    owners, pieces = [], []
    for at, text in enumerate(texts):
        for window in encoder.windows(text):
            owners.append(at)
            pieces.append(window.text)
    vectors = np.concatenate(
        [
            encoder.encode_passages(pieces[start : start + BATCH])
            for start in track(range(0, len(pieces), BATCH), "passages", transient=True)
        ]
    )
    queries = encoder.encode_queries(list(data.queries.values()))
    owner = np.array(owners)
    found: Run = {}
    for query, vector in zip(data.queries, queries, strict=True):
        best = np.full(len(texts), -np.inf)
        np.maximum.at(best, owner, vectors @ vector)
        order = np.argsort(-best, kind="stable")[:DEPTH]
        found[query] = [data.items[at].external_id for at in order]
    return found


def fused(runs: Iterable[tuple[Run, float]], queries: Iterable[str]) -> Run:
    given = list(runs)
    found: Run = {}
    for query in queries:
        scores: dict[str, float] = {}
        for run, weight in given:
            for rank, doc in enumerate(run[query], start=1):
                scores[doc] = scores.get(doc, 0.0) + weight / (K_RRF + rank)
        found[query] = sorted(scores, key=lambda doc: (-scores[doc], doc))[:DEPTH]
    return found


def figures(docs: Sequence[str], relevant: Mapping[str, int]) -> list[float]:
    """Recall at 1, 5, 10, 20, nDCG at 10, reciprocal rank at 10."""
    hits = [doc in relevant for doc in docs[:20]]
    recalls = [sum(hits[:k]) / len(relevant) for k in (1, 5, 10, 20)]
    discounts = 1 / np.log2(np.arange(2, 12))
    gain = float(sum(d for hit, d in zip(hits[:10], discounts, strict=False) if hit))
    ideal = float(discounts[: len(relevant)].sum())
    first = next((1 / at for at, hit in enumerate(hits[:10], start=1) if hit), 0.0)
    return [*recalls, gain / ideal, first]


def show(console: Console, title: str, runs: Mapping[str, Run], data: Data) -> None:
    columns = ("R@1", "R@5", "R@10", "R@20", "nDCG@10", "RR@10")
    for kind in KINDS:
        chosen = sorted(data.kinds[kind])
        if not chosen:
            continue
        table = Table(title=f"{title}: {kind}, {len(chosen)} queries", title_justify="left")
        table.add_column("system")
        for column in (*columns, "R@10, 95 %"):
            table.add_column(column, justify="right", no_wrap=True)
        draws = np.random.default_rng(SEED).integers(0, len(chosen), (RESAMPLES // 10, len(chosen)))
        for name, run in runs.items():
            if not run.keys() >= set(chosen):
                continue  # a stored run that did not ask these
            values = np.array([figures(run[query], data.qrels[query]) for query in chosen])
            low, high = np.quantile(values[draws, 2].mean(axis=1), [0.025, 0.975])
            table.add_row(
                name, *(f"{x:.3f}" for x in values.mean(axis=0)), f"[{low:.3f}, {high:.3f}]"
            )
        console.print(table)


def stored(conn: psycopg.Connection[Any], asked: str) -> tuple[str, Run]:
    """Read runs of `seogo eval run`, given as NAME=RUN,RUN: those of several sets are one system."""
    name, _, numbers = asked.partition("=")
    rows = [
        row for n in numbers.split(",") for row in fetch(conn, query_sets.rankings(run_id=int(n)))
    ]
    return name, {row.query: row.external_ids for row in rows}


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--queries", type=int, metavar="N", help="N of the dev queries")
    parser.add_argument("--passages", type=int, metavar="N", help="N of the articles")
    parser.add_argument("--encoders", nargs="*", default=[])
    parser.add_argument(
        "--runs", nargs="*", metavar="NAME=N,N", help="runs of this database, and nothing else"
    )
    args = parser.parse_args()
    data = load(args.data / "legal-ko", args.queries, args.passages)
    console = Console(width=150)
    console.print(recount(args.data / "legal-ko"))
    runs: dict[str, Run] = {"most cited": most_cited(args.data / "legal-ko", data.queries)}
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        if args.runs:
            runs |= dict(stored(conn, asked) for asked in args.runs)
            return show(console, f"legal-ko dev, {len(data.items):,} articles", runs, data)
        name = f"bench-{os.getpid()}"
        runs["words"], runs["citations"] = ask(conn, data.items, data, name)
        runs["words, decisions"], _ = ask(conn, with_decisions(data), data, name)
    legs = [(runs["words"], 1.0), (runs["citations"], 1.0)]
    runs["words + citations"] = fused(legs, data.queries)
    more = [(runs["words, decisions"], 1.0), (runs["citations"], 1.0)]
    runs["words, decisions + citations"] = fused(more, data.queries)
    for encoder in args.encoders:
        short = encoder if not encoder.startswith("file:") else "trained"
        run = runs[short] = by_vectors(encoder, data)
        runs[f"words + citations + {short}"] = fused([*legs, (run, 1.0)], data.queries)
        runs[f"words, decisions + citations + {short}"] = fused([*more, (run, 1.0)], data.queries)
    show(console, f"legal-ko dev, {len(data.items):,} articles", runs, data)


if __name__ == "__main__":
    main()
