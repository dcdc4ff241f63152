"""Judged collections of `bench/late.py`, with held-out questions of train to choose a fusion by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from judged import SEED, sampled
from quality import Qrels, beir_items, lines, trec

from jobs.recipes import legal


class Collection(NamedTuple):
    """A collection with its judged queries, and others to choose by, none of which is judged.

    `kinds`: ids of queries of a kind that is told apart. `by_item`: queries are documents.
    """

    fields: dict[str, dict[str, str]]
    texts: dict[str, str]
    analyzer: str
    queries: dict[str, str]
    qrels: Qrels
    chosen_by: Qrels
    kinds: dict[str, set[str]]
    measure: str
    by_item: bool = False
    weights: dict[str, float] | None = None


def held_out(path: Path | None, texts: Mapping[str, str]) -> tuple[dict[str, str], Qrels]:
    """Questions of a file of held-out pairs, and the documents that answer them."""
    questions: dict[str, str] = {}
    found: Qrels = {}
    for row in lines(path) if path else ():
        if row["query_id"] and row["positive_id"] in texts and row["source"] != "title":
            key = f"held {row['query_id']}"
            questions[key] = row["query"]
            found.setdefault(key, {})[row["positive_id"]] = 1
    return questions, found


def beir(folder: Path, qrels: str, size: int | None, held: Path | None) -> Collection:
    fields = dict(beir_items(folder))
    texts = {
        key: "\n".join(filter(None, (f["title"], f["text"]))) or " " for key, f in fields.items()
    }
    judged = trec(folder / qrels)
    queries = {r["_id"]: r["text"] for r in lines(folder / "queries.jsonl") if r["_id"] in judged}
    more, chosen_by = held_out(held, texts)
    if size:
        texts = sampled(texts, judged | chosen_by, size)
        fields = {key: fields[key] for key in texts}
    return Collection(fields, texts, "english", queries | more, judged, chosen_by, {}, "nDCG@10")


def law(folder: Path, size: int | None, asked: int | None, held: Path | None) -> Collection:
    judged = trec(folder / "qrels.dev.trec")
    rows = [row for row in lines(folder / "queries.dev.jsonl") if row["id"] in judged]
    if asked:
        draw = np.random.default_rng(SEED).permutation(len(rows))[:asked]
        rows = [rows[at] for at in sorted(draw)]
    judged = {row["id"]: judged[row["id"]] for row in rows}
    items = [legal.to_item(row) for row in lines(folder / "passages.jsonl")]
    fields = {item.external_id: item.fields for item in items}
    names = legal.RECIPE.collection.vector_sources["text"]["article"]
    texts = {key: "\n".join(f[n] for n in names if n in f) for key, f in fields.items()}
    more, chosen_by = held_out(held, texts)
    if size:
        needed = judged | chosen_by
        texts = sampled(texts, needed, size)
    complete = {row["id"] for row in rows if row["complete"]}
    queries = {row["id"]: row["text"] for row in rows} | more
    kept = {key: fields[key] for key in texts}
    return Collection(
        kept, texts, "korean", queries, judged, chosen_by, {"complete": complete}, "R@10",
        weights=legal.RECIPE.collection.field_weights,
    )  # fmt: skip


def itembank(folder: Path) -> Collection:
    fields = {
        row["id"]: {"text": row["text"], "explanation": row["explanation"]}
        for row in lines(folder / "items.jsonl")
    }
    texts = {key: f"{f['text']}\n{f['explanation']}" for key, f in fields.items()}
    judged = trec(folder / "qrels.hybrid.trec")
    queries = {query: texts[query] for query in judged}
    return Collection(fields, texts, "korean", queries, judged, {}, {}, "R@5", by_item=True)
