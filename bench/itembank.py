"""Search by item on the Korean maths item bank: recall@k and MRR of each leg and of the fusion.

Needs the collection: seogo ingest DATA/itembank/items.jsonl -c itembank --recipe itembank && seogo embed
The query is an item; it is left out of its own results. Metrics are the published scripts': recall@k =
|top-k & relevant| / |relevant|, mean over queries; MRR over the first 20.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg
from rich.console import Console
from rich.table import Table

from db import connect
from db.settings import DbSettings, read

# recall@5 as published for each ground truth: the best system, and BM25 where it was given.
PUBLISHED = {
    "tfidf": ".404 Qwen3-VL-Embedding-2B",
    "hybrid": ".837 Qwen3-VL-Embedding-2B, text; .447 BM25",
    "image": ".763 Qwen3-VL-Embedding-2B, multimodal; .674 text only",
    "llm": "(pool of one model's own top 10: tautological)",
}
DEPTH = 20

# One query per system; every one ranks the whole collection but the query item itself.
VECTOR = """
    SELECT s.item_id FROM search.semantic('text', %(vec)s::halfvec, %(n)s, NULL, 'itembank', %(source)s) AS s
    WHERE s.item_id <> %(item)s ORDER BY s.rank LIMIT %(depth)s"""
LEXICAL = """
    SELECT l.item_id FROM search.lexical('itembank', %(text)s, %(n)s) AS l
    WHERE l.item_id <> %(item)s ORDER BY l.rank LIMIT %(depth)s"""
HYBRID = """
    SELECT h.item_id FROM search.hybrid('itembank', %(text)s, ARRAY[
        search.lexical_leg(), search.vector_leg('text', %(vec)s::halfvec, source => %(source)s)], %(n)s) AS h
    WHERE h.item_id <> %(item)s ORDER BY h.rank LIMIT %(depth)s"""


class Item(NamedTuple):
    """A query item: its texts and its stored vectors, by source."""

    id: int
    fields: dict[str, str]
    vecs: dict[str, str]


def load_items(conn: psycopg.Connection[Any]) -> dict[str, Item]:
    rows = conn.execute(
        "SELECT i.external_id, i.item_id, i.fields, jsonb_object_agg(e.source, e.vec::text)"
        " FROM search.items AS i JOIN core.embedding AS e USING (item_id)"
        " WHERE i.collection = 'itembank' AND e.part_no = 0 GROUP BY 1, 2, 3"
    ).fetchall()
    return {ext: Item(*rest) for ext, *rest in rows}


def load_qrels(path: Path, items: dict[str, Item]) -> dict[str, dict[int, int]]:
    """Relevant item ids per query; pairs with an id that is not in the collection cannot be found."""
    qrels: dict[str, dict[int, int]] = defaultdict(dict)
    for line in path.read_text().splitlines():
        query, _, doc, grade = line.split()
        qrels[query][items[doc].id if doc in items else -1] = int(grade)
    return qrels


def rank(
    conn: psycopg.Connection[Any], sql: str, item: Item, texts: list[str], source: str
) -> list[int]:
    text = "\n".join(item.fields[name] for name in texts if name in item.fields)
    params = {"vec": item.vecs.get(source), "source": source, "item": item.id, "text": text}
    rows = conn.execute(sql, params | {"n": DEPTH * 5, "depth": DEPTH}).fetchall()
    return [row[0] for row in rows]


def metrics(runs: dict[str, list[int]], qrels: dict[str, dict[int, int]]) -> list[float]:
    """recall@1, @5, @10 and MRR, averaged over the judged queries."""
    rows = []
    for query, relevant in qrels.items():
        ranking = runs[query]
        first = next((r for r, doc in enumerate(ranking, 1) if doc in relevant), None)
        recalls = [len(set(ranking[:k]) & set(relevant)) / len(relevant) for k in (1, 5, 10)]
        rows.append([*recalls, 1 / first if first else 0.0])
    return [float(x) for x in np.mean(rows, axis=0)]


SYSTEMS: dict[str, tuple[str, list[str], str]] = {
    "vector, question": (VECTOR, [], "question"),
    "vector, question + explanation": (VECTOR, [], "solution"),
    "lexical, question": (LEXICAL, ["question"], "question"),
    "lexical, question + explanation": (LEXICAL, ["question", "explanation"], "question"),
    "lexical, unit names": (LEXICAL, ["units"], "question"),
    "RRF: question vector + lexical units": (HYBRID, ["units"], "question"),
    "RRF: solution vector + lexical units": (HYBRID, ["units"], "solution"),
    "RRF: solution vector + lexical text": (HYBRID, ["question", "explanation"], "solution"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SEOGO_DATA", "../shared/data"))
    data = parser.parse_args().data / "itembank"
    console = Console()
    with connect.session(read(DbSettings)) as conn:
        items = load_items(conn)
        runs = {
            name: {ext: rank(conn, sql, item, texts, source) for ext, item in items.items()}
            for name, (sql, texts, source) in SYSTEMS.items()
        }
    for truth, published in PUBLISHED.items():
        qrels = load_qrels(data / f"qrels.{truth}.trec", items)
        table = Table(
            title=f"{truth}: {len(qrels)} queries; published recall@5 {published}",
            title_justify="left",
        )
        for column in ("system", "recall@1", "recall@5", "recall@10", "MRR"):
            table.add_column(column, justify="left" if column == "system" else "right")
        for name, run in runs.items():
            table.add_row(name, *(f"{x:.3f}" for x in metrics(run, qrels)))
        console.print(table)


if __name__ == "__main__":
    main()
