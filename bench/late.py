"""Late interaction and learned sparse legs beside words and single vectors, alone and fused, with intervals.

  python bench/late.py scifact --keep runs/late --held-out held.jsonl \
      --leg multi=file:runs/multi/onnx --leg sparse=file:runs/sparse/onnx
  python bench/late.py cranfield --keep runs/late --leg multi=file:runs/multi/onnx --weights words=.6,multi=.4

Words are asked in SQL. Single vectors and weights of tokens are compared with every document, vectors of
tokens with the candidates of the engine: the first 100 of each other leg and of the means of the tokens.
Scores of a leg are scaled to [0, 1] within a query; what a leg did not find has 0 there. Weights of the
fusion are those of a grid that are best on the questions of `--held-out`, pairs that no leg learned from;
without such a file they are even, or `--weights`. Nothing is chosen by the judgments that are reported.
Answers of a leg are kept in `--keep` by its name: run again, only new legs are asked; and vectors of tokens:
`multi2=file:runs/multi/onnx+pool2` and `bits=signs:file:runs/multi/onnx+pool2` encode nothing anew.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import latetokens
import numpy as np
from judged import RESAMPLES, SEED, per_query
from latesets import Collection, beir, itembank, law
from numpy.typing import NDArray
from quality import Qrels, loaded
from rich.console import Console
from rich.progress import track

from db import connect, migrate
from db.settings import DbSettings, read
from encoders import registry
from encoders.settings import EncoderSettings

DEPTH = 100
BATCH = 64
STEP = 0.1
WORDS = "words"
# Scores of documents by query.
Leg = dict[str, dict[str, float]]


def by_words(judged: Collection) -> Leg:
    """Answers of the index of words, in SQL."""
    settings = read(DbSettings)
    if settings.database_url is None:
        migrate.upgrade(connect.database_url(settings))
    statement = (
        "SELECT i.external_id, l.score FROM search.lexical(%s, %s, %s) AS l"
        " JOIN core.item AS i ON i.id = l.item_id"
    )
    with (
        connect.session(settings) as conn,
        loaded(conn, judged.fields.items(), judged.analyzer, judged.weights) as name,
    ):
        return {
            query: dict(conn.execute(statement, (name, text, DEPTH + 1)).fetchall())
            for query, text in track(judged.queries.items(), WORDS, transient=True)
        }


def by_encoder(name: str, judged: Collection, others: Sequence[Leg], keep: Path) -> Leg:
    """Answers of an encoder of any kind: documents by their best window."""
    settings = read(EncoderSettings)
    own = latetokens.plain(name)[0]
    encoder: Any = registry.build(
        registry.spec(own, settings.models_path), settings.models_path, settings.threads
    )
    owners, pieces = [], []
    for at, text in enumerate(judged.texts.values()):
        for window in encoder.windows(text):
            owners.append(at)
            pieces.append(window.text)
    late = functools.partial(_late, name=name, keep=keep)
    scores: Any = {"single": _cosines, "multi": late, "sparse": _products}[encoder.spec.kind]
    ids = list(judged.texts)
    found: Leg = {}
    for query, row in scores(encoder, judged, pieces, np.array(owners), others):
        best = np.full(len(ids), -np.inf, dtype=np.float32)
        np.maximum.at(best, np.array(owners), row)
        order = np.argsort(-best, kind="stable")[: DEPTH + 1]
        found[query] = {ids[at]: float(best[at]) for at in order if np.isfinite(best[at])}
    return found


def _in_steps(encode: Callable[[Sequence[str]], Any], pieces: Sequence[str]) -> Iterator[Any]:
    for start in track(range(0, len(pieces), BATCH), "documents", transient=True):
        yield from encode(pieces[start : start + BATCH])


def _cosines(encoder: Any, judged: Collection, pieces: Sequence[str], *_: Any) -> Iterator[Any]:
    rows = np.stack(list(_in_steps(encoder.encode_passages, pieces)))
    asked = encoder.encode_queries(list(judged.queries.values()))
    for query, vec in zip(judged.queries, asked, strict=True):
        yield query, rows @ vec


def _products(encoder: Any, judged: Collection, pieces: Sequence[str], *_: Any) -> Iterator[Any]:
    weights = list(_in_steps(encoder.passage_weights, pieces))
    lengths = [len(one.ids) for one in weights]
    print(f"tokens with a weight: {np.mean(lengths):.0f} a passage")
    table = np.zeros((len(pieces), encoder.spec.dim), dtype=np.float16)
    for row, one in zip(table, weights, strict=True):
        row[one.ids] = one.weights
    by_token = np.ascontiguousarray(table.T)
    asked = encoder.query_weights(list(judged.queries.values()))
    print(f"tokens with a weight: {np.mean([len(one.ids) for one in asked]):.0f} a query")
    for query, one in zip(judged.queries, asked, strict=True):
        yield query, one.weights @ by_token[one.ids].astype(np.float32)


def _late(
    encoder: Any,
    judged: Collection,
    pieces: Sequence[str],
    owners: NDArray[np.intp],
    others: Sequence[Leg],
    *,
    name: str,
    keep: Path,
) -> Iterator[Any]:
    own, factor, signs = latetokens.plain(name)
    every = latetokens.kept(keep, own, pieces, lambda: _in_steps(encoder.passage_tokens, pieces))
    tokens = latetokens.smaller(every, factor)
    print(f"{name}: {latetokens.told(tokens, len(judged.texts), signs=signs)}")
    stored: Callable[[Any], Any] = latetokens.signed if signs else np.float32
    means = np.stack([one.astype(np.float32).mean(axis=0) for one in tokens])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    ids = {key: at for at, key in enumerate(judged.texts)}
    asked = encoder.query_tokens(list(judged.queries.values()))
    for query, one in track(
        list(zip(judged.queries, asked, strict=True)), "asking", transient=True
    ):
        near = owners[np.argsort(-(means @ one.vectors.mean(axis=0)), kind="stable")[:DEPTH]]
        wanted = {*near.tolist(), *(ids[doc] for leg in others for doc in leg.get(query, ()))}
        row = np.full(len(pieces), -np.inf, dtype=np.float32)
        vectors = stored(one.vectors)
        for at in np.flatnonzero(np.isin(owners, list(wanted))):
            row[at] = (vectors @ stored(tokens[at]).T).max(axis=1).mean()
        yield query, row


def fused(legs: Sequence[Leg], weights: Sequence[float], queries: Sequence[str]) -> Leg:
    """Weighted sum of scores that are scaled to [0, 1] within a query and a leg."""
    found: Leg = {}
    for query in queries:
        total: dict[str, float] = {}
        for leg, weight in zip(legs, weights, strict=True):
            scores = leg.get(query) or {}
            low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
            for doc, score in scores.items():
                part = (score - low) / (high - low) if high > low else 1.0
                total[doc] = total.get(doc, 0.0) + weight * part
        found[query] = total
    return found


def best_weights(legs: Sequence[Leg], by: Qrels, measure: str) -> tuple[float, ...]:
    """Weights of a grid that are best on queries to choose by; the more even ones where they are equal."""
    steps = round(1 / STEP)
    grid = [
        tuple(part / steps for part in parts)
        for parts in itertools.product(range(steps + 1), repeat=len(legs))
        if sum(parts) == steps
    ]

    def worth(weights: tuple[float, ...]) -> tuple[float, float]:
        value = values(fused(legs, weights, list(by)), by, measure).mean()
        return round(float(value), 4), -sum(w * w for w in weights)

    return max(grid, key=worth)


def values(leg: Leg, qrels: Qrels, measure: str, *, by_item: bool = False) -> NDArray[np.float64]:
    """The measure of each query, in the order of the judgments."""
    run = {}
    for query in qrels:
        found = sorted((leg.get(query) or {}).items(), key=lambda one: (-one[1], one[0]))
        run[query] = [doc for doc, _ in found if not by_item or doc != query][:DEPTH]
    return per_query(run, qrels, [measure])[:, 0]


def told(name: str, each: NDArray[np.float64], base: NDArray[np.float64]) -> str:
    """A row of the table: mean with its 95 % interval, and the difference from words."""
    draws = np.random.default_rng(SEED).integers(len(each), size=(RESAMPLES, len(each)))
    low, high = np.quantile(each[draws].mean(axis=1), [0.025, 0.975])
    less_low, less_high = np.quantile((each - base)[draws].mean(axis=1), [0.025, 0.975])
    return (
        f"| {name} | {each.mean():.3f} [{low:.3f}, {high:.3f}] |"
        f" {(each - base).mean():+.3f} [{less_low:+.3f}, {less_high:+.3f}] |"
    )


def report(judged: Collection, legs: Mapping[str, Leg], given: Mapping[str, float]) -> list[str]:
    """Rows of the table: each leg, and words fused with each set of the others."""
    systems = {(name,): leg for name, leg in legs.items()}
    others = [name for name in legs if name != WORDS]
    rows = []
    for n in range(1, len(others) + 1):
        for names in itertools.combinations(others, n):
            chosen = (WORDS, *names)
            parts = [legs[name] for name in chosen]
            weights = tuple(given.get(name, 0.0) for name in chosen)
            if not given:
                weights = (1 / len(chosen),) * len(chosen)
                if judged.chosen_by:
                    weights = best_weights(parts, judged.chosen_by, judged.measure)
            label = tuple(
                f"{name} {weight:.2g}" for name, weight in zip(chosen, weights, strict=True)
            )
            systems[label] = fused(parts, weights, list(judged.qrels))
    for kind, ids in {"all": set(judged.qrels), **judged.kinds}.items():
        qrels = {query: docs for query, docs in judged.qrels.items() if query in ids}
        rows += [f"{judged.measure}, {kind}, {len(qrels)} queries", "|---|---|---|"]
        how = {"by_item": judged.by_item}
        base = values(legs[WORDS], qrels, judged.measure, **how)
        for label, leg in systems.items():
            rows.append(told(" + ".join(label), values(leg, qrels, judged.measure, **how), base))
    return rows


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=("scifact", "cranfield", "legal-ko", "itembank"))
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    parser.add_argument("--keep", type=Path, required=True, metavar="DIR")
    parser.add_argument("--leg", action="append", default=[], metavar="NAME=ENCODER")
    parser.add_argument("--held-out", type=Path, metavar="FILE")
    parser.add_argument("--weights", default="", metavar="NAME=W,…")
    parser.add_argument("--queries", type=int, metavar="N", help="N of the dev queries of legal-ko")
    parser.add_argument(
        "--passages", type=int, metavar="N", help="a sample of N documents, all answers in it"
    )
    args = parser.parse_args()
    folder = args.data / args.name
    make: dict[str, Callable[[], Collection]] = {
        "scifact": lambda: beir(folder, "qrels.test.trec", args.passages, args.held_out),
        "cranfield": lambda: beir(folder, "qrels.trec", args.passages, None),
        "legal-ko": lambda: law(folder, args.passages, args.queries, args.held_out),
        "itembank": lambda: itembank(folder),
    }
    judged = make[args.name]()
    args.keep.mkdir(parents=True, exist_ok=True)
    legs: dict[str, Leg] = {}
    encoders = dict(one.split("=", 1) for one in args.leg)
    for leg in (WORDS, *encoders):
        path = args.keep / f"{args.name}{args.passages or ''}.{leg}.json"
        if not path.exists():
            others = list(legs.values())
            ask = functools.partial(by_encoder, encoders.get(leg, ""), judged, others, args.keep)
            found = by_words(judged) if leg == WORDS else ask()
            path.write_text(json.dumps(found))
        legs[leg] = json.loads(path.read_text())
    given = {k: float(v) for k, v in (w.split("=") for w in args.weights.split(",") if w)}
    Console(width=150).print("\n".join(report(judged, legs, given)), markup=False, highlight=False)


if __name__ == "__main__":
    main()
