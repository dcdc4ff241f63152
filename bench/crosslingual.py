"""Korean queries for English texts and the reverse: plain vectors, language-neutral ones, and BM25.

  python bench/crosslingual.py

The collection is examples/parts.jsonl, 78 parts described in Korean and 85 in English; the queries are
examples/crosslingual.jsonl, each about one part of the other language, without its maker or number. A
query's part competes with all parts of both languages. The second table keeps the queries without which
the strength in encoders/text/e5/neutral.py was chosen.

BM25 is search.lexical, analyzer korean, on an upgraded database (`seogo db upgrade`). An answer of another
part may be as good as the one that is marked: read differences between rows, not the figures themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from quality import Run, lines, loaded, search_all
from rich.console import Console
from rich.table import Table

from db import connect
from db.settings import DbSettings, read
from encoders import registry
from encoders.base import TextEncoder
from encoders.settings import EncoderSettings
from jobs.recipes.parts import RECIPE

EXAMPLES = Path(__file__).parents[1] / "examples"
ENCODERS = ("multilingual-e5-small-fp32", "multilingual-e5-small")
DIRECTIONS = {"ko": "ko → en", "en": "en → ko"}


class Query(NamedTuple):
    """A text in one language and the parts of the other that it is about."""

    key: str
    text: str
    language: str
    relevant: list[str]


class Part(NamedTuple):
    """What is searched: the text that is encoded, the fields, the language."""

    text: str
    fields: dict[str, str]
    language: str


def queries() -> list[Query]:
    rows = enumerate(lines(EXAMPLES / "crosslingual.jsonl"))
    return [Query(str(at), row["query"], row["language"], row["relevant"]) for at, row in rows]


def parts() -> dict[str, Part]:
    names = RECIPE.collection.vector_sources["text"]["item"]
    made = {}
    for row in lines(EXAMPLES / "parts.jsonl"):
        fields = row["fields"]
        text = "\n".join(fields[name] for name in names if name in fields)
        made[row["external_id"]] = Part(text, fields, row["metadata"]["language"])
    return made


def by_vector(encoder: TextEncoder, found: dict[str, Part], asked: Sequence[Query]) -> Run:
    """All parts in order, for each query."""
    ids = np.array(list(found))
    passages = encoder.encode_passages([part.text for part in found.values()])
    scores = encoder.encode_queries([query.text for query in asked]) @ passages.T
    order = np.argsort(-scores, axis=1, kind="stable")
    return {query.key: list(ids[row]) for query, row in zip(asked, order, strict=True)}


def by_words(found: dict[str, Part], asked: Sequence[Query]) -> Run:
    """The first parts by BM25 with the weights of the recipe."""
    items = [(key, part.fields) for key, part in found.items()]
    with connect.session(read(DbSettings)) as conn:
        weights = RECIPE.collection.field_weights
        with loaded(conn, items, "korean", weights) as name:
            return search_all(conn, name, {query.key: query.text for query in asked})


def figures(run: Run, asked: Sequence[Query], found: dict[str, Part]) -> NDArray[np.float64]:
    """hit@3, recall@10, MRR, and the share of the other language among the first 10."""
    rows = []
    for query in asked:
        ranks = [at for at, doc in enumerate(run[query.key], 1) if doc in query.relevant]
        first = [found[doc].language for doc in run[query.key][:10]]
        rows.append(
            [
                float(any(rank <= 3 for rank in ranks)),
                sum(rank <= 10 for rank in ranks) / len(query.relevant),
                1 / ranks[0] if ranks else 0.0,
                sum(language != query.language for language in first) / max(1, len(first)),
            ]
        )
    return np.mean(rows, axis=0)


def show(title: str, runs: dict[str, Run], asked: Sequence[Query], found: dict[str, Part]) -> None:
    table = Table(title=title, title_justify="left")
    names = ("hit@3", "recall@10", "MRR", "other language in 10")
    for column in ("direction", "queries", "system", *names):
        table.add_column(column, justify="right" if column in ("queries", *names) else "left")
    for language, direction in DIRECTIONS.items():
        chosen = [query for query in asked if query.language == language]
        for system, run in runs.items():
            got = [f"{x:.3f}" for x in figures(run, chosen, found)]
            table.add_row(direction, str(len(chosen)), system, *got)
        table.add_section()
    Console(width=120).print(table)


def main() -> None:
    """Run."""
    found, asked = parts(), queries()
    settings = read(EncoderSettings)
    runs = {"BM25": by_words(found, asked)}
    for name in ENCODERS:
        spec = registry.spec(name)
        encoder = registry.build(spec, settings.models_path, settings.threads, print)
        runs[f"{name} ({spec.pooling})"] = by_vector(encoder, found, asked)
    show("all queries", runs, asked, found)
    show("every second query, held out", runs, asked[1::2], found)


if __name__ == "__main__":
    main()
