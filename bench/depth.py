"""Quality of the fused answer by the depth of the legs of a search.

    python bench/depth.py                      # all sets; a quarter of an hour, most of it encoding
    python bench/depth.py scifact --queries 50

Words, part numbers or citations (20 deep at most), and vectors, each asked once, 200 deep; the lists are then
cut and fused by reciprocal ranks (60), the default, and by equal weights of z-scores, what `seogo tune` finds
most often. A text has one vector, of as much as the encoder reads at once. `against` is the difference from
lists 100 deep, with its 95 % interval over queries. Vectors are kept in a folder for the next time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import legal
import numpy as np
import psycopg
from numpy.typing import NDArray
from quality import Qrels, lines, trec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.items.items import create_collection, upsert_items
from db.items.rows import ItemIn, NewCollection
from db.search import functions
from db.settings import DbSettings, read
from encoders import registry
from encoders.base import TextEncoder
from encoders.settings import EncoderSettings
from flows.evaluation import compare
from jobs.recipes.legal import RECIPE, to_item

DEPTHS = (10, 20, 30, 50, 100, 200)
DEEPEST, STANDARD = 200, 100
IDENTIFIERS = 20
K_RRF = 60
BATCH = 500
SEED = 20
MEASURES = {"nDCG@10": 4, "R@10": 2}  # places in legal.figures

Ranking = dict[str, float]  # scores by document, best first
Lists = dict[str, dict[str, Ranking]]  # by leg, by query


class TextSet(NamedTuple):
    """Documents and queries, what these should find, and how the collection is set up.

    `itself`: whether a query may find the document that has its own id.
    """

    items: list[ItemIn]
    texts: list[str]
    queries: dict[str, str]
    qrels: Qrels
    settings: NewCollection
    itself: bool = True


def scifact(folder: Path) -> TextSet:
    rows = list(lines(folder / "corpus.jsonl"))
    return TextSet(
        [ItemIn(external_id=r["_id"], fields={k: r[k] for k in ("title", "text")}) for r in rows],
        [f"{row['title']}\n{row['text']}" for row in rows],
        {row["_id"]: row["text"] for row in lines(folder / "queries.jsonl")},
        trec(folder / "qrels.test.trec"),
        NewCollection(analyzer="english"),
    )


def legal_ko(folder: Path) -> TextSet:
    rows = list(lines(folder / "passages.jsonl"))
    base = RECIPE.collection
    return TextSet(
        [to_item(row) for row in rows],
        [f"{row['doc']} {row['title']}\n{row['text']}" for row in rows],
        {row["id"]: row["text"] for row in lines(folder / "queries.dev.jsonl")},
        trec(folder / "qrels.dev.trec"),
        NewCollection(
            analyzer=base.analyzer,
            field_weights=base.field_weights,
            identifier_fields=base.identifier_fields,
        ),
    )


def itembank(folder: Path) -> TextSet:
    rows = list(lines(folder / "items.jsonl"))
    texts = [f"{row['text']}\n{row['explanation']}" for row in rows]
    ids = [row["id"] for row in rows]
    return TextSet(
        [ItemIn(external_id=i, fields={"text": t}) for i, t in zip(ids, texts, strict=True)],
        texts,
        dict(zip(ids, texts, strict=True)),
        trec(folder / "qrels.hybrid.trec"),
        NewCollection(),
        itself=False,
    )


SETS: dict[str, Callable[[Path], TextSet]] = {
    "scifact": scifact,
    "legal-ko": legal_ko,
    "itembank": itembank,
}


def sample(given: TextSet, n: int) -> TextSet:
    """At most n judged queries, drawn with a fixed seed."""
    known = [query for query in given.queries if query in given.qrels]
    drawn = np.random.default_rng(SEED).permutation(len(known))[:n]
    return given._replace(queries={known[at]: given.queries[known[at]] for at in sorted(drawn)})


def by_words(conn: psycopg.Connection[Any], given: TextSet) -> Lists:
    """Lists of the lexical leg and of the identifier leg; the collection is gone afterwards."""
    name = f"bench-{os.getpid()}"
    fetch(conn, create_collection(name=name, settings=given.settings))
    try:
        for start in range(0, len(given.items), BATCH):
            fetch(conn, upsert_items(collection=name, items=given.items[start : start + BATCH]))
        conn.execute("ANALYZE")
        names = dict(conn.execute("SELECT id, external_id FROM core.item").fetchall())
        found: Lists = {"words": {}, "numbers": {}}
        for query, text in track(given.queries.items(), "searching", transient=True):
            words = fetch(conn, functions.lexical(collection=name, query=text, k=DEEPEST + 1))
            near = fetch(conn, functions.identifier(collection=name, query=text, k=IDENTIFIERS))
            found["words"][query] = {names[hit.item_id]: hit.score for hit in words}
            found["numbers"][query] = {names[hit.item_id]: hit.score for hit in near}
        return found
    finally:
        conn.execute("DELETE FROM core.collection WHERE name = %s", (name,))


def by_vectors(given: TextSet, folder: Path) -> dict[str, Ranking]:
    settings = read(EncoderSettings)
    spec = registry.spec(settings.text_encoder, settings.models_path)
    encoder = registry.build(spec, settings.models_path, settings.threads)
    passages = encoded(encoder, spec.identity, given.texts, "passages", folder)
    queries = encoded(encoder, spec.identity, list(given.queries.values()), "queries", folder)
    ids = [item.external_id for item in given.items]
    found = {}
    for query, vector in zip(given.queries, queries, strict=True):
        scores = passages @ vector
        order = np.argsort(-scores, kind="stable")[: DEEPEST + 1]
        found[query] = {ids[at]: float(scores[at]) for at in order}
    return found


def encoded(
    encoder: TextEncoder, identity: str, texts: list[str], kind: str, folder: Path
) -> NDArray[np.float32]:
    """Vectors of texts, a file per some hundred: a run that was stopped goes on where it was."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in track(range(0, len(texts), BATCH), kind, transient=True):
        part = texts[start : start + BATCH]
        digest = hashlib.sha256("\0".join([identity, kind, *part]).encode()).hexdigest()[:16]
        path = folder / f"{kind}-{digest}.npy"
        if not path.exists():
            np.save(path, getattr(encoder, f"encode_{kind}")(part))
        parts.append(np.load(path))
    return np.concatenate(parts)


def cut(ranking: Ranking, depth: int, without: str | None) -> list[tuple[str, float]]:
    return [hit for hit in ranking.items() if hit[0] != without][:depth]


def fused(rankings: list[list[tuple[str, float]]], method: str) -> list[str]:
    """Documents by their fused scores, as search.hybrid fuses them without a profile."""
    total: dict[str, float] = {}
    for ranking in rankings:
        scores = np.array([score for _, score in ranking])
        spread = scores.std() if len(scores) else 0.0
        for rank, (doc, score) in enumerate(ranking, start=1):
            standard = (score - scores.min()) / spread if spread else 0.0
            part = 1 / (K_RRF + rank) if method == "rrf" else standard
            total[doc] = total.get(doc, 0.0) + part
    return sorted(total, key=lambda doc: (-total[doc], doc))


def qualities(given: TextSet, lists: Lists, depth: int, method: str) -> NDArray[np.float64]:
    """Per query (a row) nDCG@10 and recall@10 of what is fused from lists so deep."""
    rows = []
    for query in given.queries:
        without = None if given.itself else query
        docs = fused([cut(leg[query], depth, without) for leg in lists.values()], method)
        figures = legal.figures(docs, given.qrels[query])
        rows.append([figures[at] for at in MEASURES.values()])
    return np.array(rows)


def show(out: Console, name: str, given: TextSet, lists: Lists) -> None:
    for method in ("rrf", "z-scores"):
        title = f"{name}, {len(given.items):,} documents, {len(given.queries)} queries, {method}"
        table = Table("depth", title=title, title_justify="left")
        for measure in MEASURES:
            table.add_column(measure, justify="right")
            table.add_column(f"against {STANDARD}", justify="right", no_wrap=True)
        found = {depth: qualities(given, lists, depth, method) for depth in DEPTHS}
        for depth, figures in found.items():
            table.add_row(str(depth), *cells(found[STANDARD], figures))
        out.print(table)


def cells(standard: NDArray[np.float64], figures: NDArray[np.float64]) -> list[str]:
    texts = []
    for at, measure in enumerate(MEASURES):
        told = compare.compare(standard[:, at], figures[:, at], measure=measure).difference
        texts.append(f"{figures[:, at].mean():.4f}")
        texts.append(f"{told.mean:+.4f} [{told.low:+.4f}, {told.high:+.4f}]")
    return texts


def bench(conn: psycopg.Connection[Any], out: Console, name: str, args: argparse.Namespace) -> None:
    given = sample(SETS[name](args.data / name), args.queries)
    given = given._replace(texts=[text[: args.beginning] for text in given.texts])
    lists = by_words(conn, given) | {"vectors": by_vectors(given, args.cache)}
    show(out, name, given, lists)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=list(SETS), choices=list(SETS))
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--queries", type=int, default=400, metavar="N", help="at most, per set")
    parser.add_argument("--beginning", type=int, metavar="N", help="encode N characters of a text")
    kept = Path(tempfile.gettempdir()) / "seogo-bench-vectors"
    parser.add_argument("--cache", type=Path, default=kept, metavar="FOLDER")
    args = parser.parse_args()
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        for name in args.sets:
            bench(conn, Console(width=130), name, args)


if __name__ == "__main__":
    main()
