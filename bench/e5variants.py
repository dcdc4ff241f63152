"""Which numbers multilingual-e5-small should compute with: retrieval quality and speed of each way.

  python bench/e5variants.py                      all sets, all variants: 45 minutes on two cores
  python bench/e5variants.py scifact --variants float32 int8

On judged samples (bench/judged.py): SciFact, 1,500 abstracts and 300 claims; legal-ko, 2,000 articles and
500 issues; itembank, 100 items. Every variant encodes the same texts, one vector per text, the first 512
tokens. Differences are paired, with the 95 % interval of a bootstrap over queries. A row ending in
`neutral` is the variant above with the language taken out of its vectors (encoders/text/e5/neutral.py).

Vectors are kept in a folder and used again: stop and repeat as you like. Speed is of one process with two
threads on the texts of examples/; use a quiet machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from e5graphs import WRITERS, digest, megabytes, written
from judged import SETS, Floats, Judged, difference, nearest, per_query
from rich.console import Console
from rich.progress import track
from rich.table import Table

from encoders import registry
from encoders.base import Vectors
from encoders.runtime.onnx_session import open_session
from encoders.text.e5 import neutral
from encoders.text.e5.encoder import E5Encoder, Sessions
from encoders.text.e5.neutral import Neutral
from encoders.text.e5.tokenizer import E5Tokenizer, write_tokenizer
from encoders.text.e5.weights import read

MEASURES = ("nDCG@10", "R@10", "R@5")
CHUNK = 128
THREADS = 2
ROUNDS = 4
Encode = Callable[[Sequence[str]], Vectors]


class Timings(NamedTuple):
    """Seconds of each round over all passages, and of each query."""

    passages: list[float]
    queries: list[float]


def encoder(variant: str, folder: Path) -> E5Encoder:
    """The plain encoder of a variant."""
    tokens = folder / "tokenizer.json"
    if not tokens.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_tokenizer(read().vocabulary, tokens)
    spec = registry.spec("multilingual-e5-small")
    session = open_session(written(variant, folder), THREADS)
    return E5Encoder(spec, E5Tokenizer.load(tokens, spec.max_tokens), Sessions(session, session))


def kept(encode: Encode, texts: Sequence[str], folder: Path, label: str, graph: str) -> Floats:
    """Vectors of texts, from the folder where they are there."""
    chunks = []
    for start in track(range(0, len(texts), CHUNK), label, transient=True):
        piece = list(texts[start : start + CHUNK])
        key = "\0".join([graph, label, *piece]).encode()
        path = folder / f"{hashlib.blake2b(key, digest_size=12).hexdigest()}.npy"
        if not path.exists():
            np.save(path, encode(piece))
        chunks.append(np.load(path))
    return np.concatenate(chunks)


def vectors(variant: str, judged: Judged, folder: Path) -> tuple[Floats, Floats]:
    """Plain vectors of a set's documents and queries."""
    model, graph = encoder(variant, folder), digest(written(variant, folder))

    def of(encode: Encode, texts: dict[str, str], what: str) -> Floats:
        return kept(encode, list(texts.values()), folder, f"{variant} {what}", graph)

    documents = of(model.encode_passages, judged.documents, "passages")
    if judged.by_item:  # a query is a stored item, and so is its vector
        rows = {doc: row for row, doc in enumerate(judged.documents)}
        return documents, documents[[rows[query] for query in judged.queries]]
    return documents, of(model.encode_queries, judged.queries, "queries")


def maps(variant: str, folder: Path) -> tuple[Neutral, Neutral]:
    """What takes the language out of a variant's vectors: of queries, of passages."""
    path = folder / f"{digest(written(variant, folder))}.means.npy"
    if not path.exists():
        model = encoder(variant, folder)
        neutral.write_means(path, model.encode_queries, model.encode_passages)
    return neutral.load(path)


def quality(judged: Judged, variants: Sequence[str], folder: Path, console: Console) -> None:
    rows = {}
    for variant in variants:
        documents, queries = vectors(variant, judged, folder)
        rows[variant] = per_query(nearest(judged, documents, queries), judged.qrels, MEASURES)
        if variant in ("float32", "int8"):
            for_queries, for_passages = maps(variant, folder)
            moved = (for_passages if judged.by_item else for_queries)(queries)
            run = nearest(judged, for_passages(documents), moved)
            rows[f"{variant}, neutral"] = per_query(run, judged.qrels, MEASURES)
    first = rows[variants[0]]
    table = Table(
        title=f"{judged.name}: {len(judged.documents)} documents, {len(judged.queries)} queries;"
        f" differences from {variants[0]}",
        title_justify="left",
    )
    for column in ("variant", *MEASURES, *(f"Δ {name}" for name in MEASURES)):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for name, figures in rows.items():
        means = [f"{x:.4f}" for x in figures.mean(axis=0)]
        moved_by = [str(difference(figures[:, at], first[:, at])) for at in range(len(MEASURES))]
        table.add_row(name, *means, *moved_by)
    console.print(table)


def once(model: E5Encoder, texts: Sequence[str], found: Timings) -> None:
    """One round of timing: all texts as passages, then short queries one by one."""
    started = time.perf_counter()
    model.encode_passages(texts)
    found.passages.append(time.perf_counter() - started)
    for text in texts[:30]:
        started = time.perf_counter()
        model.encode_queries([text[:30]])
        found.queries.append(time.perf_counter() - started)


def speeds(variants: Sequence[str], folder: Path, console: Console) -> None:
    """Variants take turns, so that a slow moment of the machine hits all alike; the best round counts."""
    parts = Path(__file__).parents[1] / "examples" / "parts.jsonl"
    fields = [json.loads(line)["fields"] for line in parts.read_text(encoding="utf-8").splitlines()]
    texts = [f"{row['title']}\n{row['description']}" for row in fields]
    models = {variant: encoder(variant, folder) for variant in variants}
    taken = {variant: Timings([], []) for variant in variants}
    for model in models.values():
        model.encode_passages(texts[:8])
    for _ in track(range(ROUNDS), "timing", transient=True):
        for variant, model in models.items():
            once(model, texts, taken[variant])
    exact = encoder("float32", folder).encode_passages(texts)
    table = Table(title=f"{len(texts)} texts of examples/, {THREADS} threads", title_justify="left")
    columns = (
        "passages/s",
        "query ms",
        "MB",
        "mean cosine to float32",
        "1 - cosine, alone to batch",
    )
    for column in ("variant", *columns):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for variant, model in models.items():
        found = model.encode_passages(texts)
        alone = np.concatenate([model.encode_passages([text]) for text in texts[:40]])
        table.add_row(
            variant,
            f"{len(texts) / min(taken[variant].passages):.0f}",
            f"{np.median(taken[variant].queries) * 1000:.1f}",
            f"{megabytes(written(variant, folder)):.0f}",
            f"{np.sum(found * exact, axis=1).mean():.5f}",
            f"{1 - np.sum(alone * found[:40], axis=1).min():.0e}",
        )
    console.print(table)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}, speed")
    parser.add_argument("--variants", nargs="+", choices=WRITERS, default=list(WRITERS))
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    default = Path(tempfile.gettempdir()) / "seogo-e5variants"
    parser.add_argument("--keep", type=Path, default=default, help="folder of graphs and vectors")
    args = parser.parse_args()
    if unknown := set(args.sets) - {*SETS, "speed"}:
        parser.error(f"no such set: {', '.join(sorted(unknown))}")
    console = Console(width=150)
    for name in args.sets or [*SETS, "speed"]:
        if name == "speed":
            speeds(args.variants, args.keep, console)
        else:
            quality(SETS[name](args.data), args.variants, args.keep, console)


if __name__ == "__main__":
    main()
