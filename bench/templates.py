"""Tags in embedded text: fields alone, with [tags], with part numbers, on the parts of examples/.

  python bench/templates.py

Each variant is what the space of texts embeds (ops.set_vector_sources); the vectors are made anew, and three
query sets are asked of the vectors alone and of all legs: known items (eval.store_sample), the cross-language
questions of examples/crosslingual.jsonl, and maker and category together, as people type them, which every
part of that maker and category answers. Differences are of nDCG@10 by query, with 95 % intervals.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from rich.console import Console
from rich.table import Table
from scratchdb import database

from db.calls.query import fetch
from db.evaluation import proof
from db.evaluation.rows import Judgment, QueryIn
from db.items.items import create_collection, set_vector_sources, upsert_items
from db.items.rows import ItemIn
from db.settings import read
from db.spaces import embedding
from encoders.settings import EncoderSettings
from flows.encoding import encoder_of
from flows.evaluation import compare
from flows.local import Local
from jobs import embed
from jobs.evaluation import load, runner
from jobs.recipes.parts import RECIPE

EXAMPLES = Path(__file__).parents[1] / "examples"
VARIANTS = {
    "fields": ["title", "category", "maker", "description"],
    "tags": ["[maker] {maker}", "[category] {category}", "title", "description"],
    "fields, numbers": ["title", "category", "maker", "part_number", "description"],
    "tags, numbers": [
        *("[maker] {maker}", "[part_number] {part_number}", "[category] {category}"),
        *("title", "description"),
    ],
}
LEGS = ("text", "lexical,identifier,text")
SETS = ("known items", "cross-language", "maker and category")
NAMES = dict(zip(SETS, ("known", "cross", "kinds"), strict=True))
MEASURE = "nDCG@10"
SOURCE = "known-item"


def lines(name: str) -> list[dict[str, Any]]:
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def fill(conn: psycopg.Connection[Any]) -> None:
    """The parts without their pictures, and the three query sets."""
    fetch(conn, create_collection(name="parts", settings=RECIPE.collection))
    parts = lines("parts.jsonl")
    given = [
        ItemIn(external_id=p["external_id"], fields=p["fields"], metadata=p["metadata"])
        for p in parts
    ]
    fetch(conn, upsert_items(collection="parts", items=given))
    recipe = {"collection": "parts", "n": 120, "seed": 5}
    fetch(conn, proof.store_sample(query_set="known", recipe=recipe))
    asked = {row["query"]: row["relevant"] for row in lines("crosslingual.jsonl")}
    kinds = defaultdict(list)
    for part in parts:
        kinds[f"{part['fields']['maker']} {part['fields']['category']}"].append(part["external_id"])
    for name, answers in (("cross", asked), ("kinds", kinds)):
        queries = [QueryIn(external_id=text, text=text) for text in answers]
        judged = [Judgment(text, key, 1) for text, keys in answers.items() for key in keys]
        load.import_set(conn, name, queries, judged, source=SOURCE)


def measure(conn: psycopg.Connection[Any], settings: EncoderSettings) -> dict[tuple[str, ...], int]:
    """A run of each variant, set and choice of legs."""
    runs = {}
    for variant, fields in VARIANTS.items():
        change = set_vector_sources(collection="parts", space="text", sources={"item": fields})
        fetch(conn, change)
        (space,) = (s for s in fetch(conn, embedding.live_spaces()) if s.space == "text")
        embed.run(conn, space, encoder_of(space, settings))
        for name, legs in product(SETS, LEGS):
            how = runner.Settings(
                collection="parts",
                query_set=NAMES[name],
                legs=runner.parse_legs(legs),
                label=variant,
            )
            runs[variant, name, legs], _ = runner.run(conn, settings, how)
    return runs


def main() -> None:
    """Print a row for each set and choice of legs."""
    settings = read(EncoderSettings)
    with database() as conn:
        register_vector(conn)
        fill(conn)
        embed.ensure_spaces(conn, settings)
        runs = measure(conn, settings)
        table = Table("queries", "legs", *VARIANTS)
        for name, legs in product(SETS, LEGS):
            cells = []
            for variant in VARIANTS:
                pair = runs["fields", name, legs], runs[variant, name, legs]
                compared = Local(conn, settings).run(compare.compare_runs(*pair, [MEASURE], SOURCE))
                found, _ = compared[MEASURE]
                d = found.difference
                cells.append(f"{found.means[1]:.3f} {d.mean:+.3f} [{d.low:+.3f} {d.high:+.3f}]")
            table.add_row(name, legs, *cells)
        Console(width=200).print(table)


if __name__ == "__main__":
    main()
