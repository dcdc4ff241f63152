"""Manuals of defects: are they cut right, and does the right section come first?

  python bench/manuals.py

Reads manuals-ko from SEOGO_DATA (default ../shared/data): four manuals of four products, DOCX, text and PDF.
It works in the collection `bench-manuals` of the database that is configured; that and its products are
dropped at the end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from rich.console import Console
from rich.table import Table

from db import connect, migrate
from db.calls.query import fetch
from db.defects import manuals, products
from db.defects.registration import MANUALS
from db.items.items import create_collection
from db.search.legs import vector_text
from db.search.rows import Leg
from db.settings import DbSettings, read
from db.spaces import embedding
from encoders.base import TextEncoder
from encoders.settings import EncoderSettings
from flows import encoding
from flows.documents import document as documents
from flows.documents import imports, sections
from flows.local import Local
from jobs import embed

COLLECTION = "bench-manuals"
QUESTIONS = {
    ("ko", "cause"): "{ko} 불량은 왜 생기나요?",
    ("ko", "action"): "{ko} 불량은 어떻게 조치해야 하나요?",
    ("en", "cause"): "What causes the {en} defect?",
    ("en", "action"): "How do I fix the {en} defect?",
}
console = Console()


class Case(NamedTuple):
    product: str
    defect: str
    kind: str
    language: str
    question: str


def truth(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "sections.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def make_products(conn: psycopg.Connection[Any], folder: Path) -> dict[str, dict[str, Any]]:
    """Products with their defect types, by name."""
    whole = json.loads((folder / "defect_mapping.json").read_text(encoding="utf-8"))["products"]
    told = {one["product"] for one in truth(folder)}
    for name in sorted(told):
        product = f"bench-{name}"
        add = products.add_product(
            name=product, name_ko=whole[name]["name_ko"], collection=COLLECTION
        )
        fetch(conn, add)
        for defect, names in whole[name]["defects"].items():
            called = {"name": defect, "name_ko": names["ko"], "name_en": names["en"]}
            fetch(conn, products.add_defect_type(product=product, **called))
    return {name: whole[name]["defects"] for name in sorted(told)}


@contextmanager
def database() -> Iterator[psycopg.Connection[Any]]:
    settings = read(DbSettings)
    migrate.upgrade(connect.database_url(settings))
    with connect.session(settings) as conn:
        fetch(conn, create_collection(name=COLLECTION, settings=MANUALS))
        try:
            yield conn
        finally:
            conn.execute("DELETE FROM core.collection WHERE name = %s", (COLLECTION,))


def cutting(conn: psycopg.Connection[Any], folder: Path) -> None:
    """Sections and statements found in every file, beside those a person found."""
    names = {one.product: one.defects for one in fetch(conn, products.products())}
    table = Table("file", "sections", "right page", "statements equal", title="cutting manuals")
    for path in sorted(folder.glob("*_*ual.*")):
        product = path.name.partition("_")[0]
        found = {
            (one.defect, one.kind): one
            for one in sections.cut(documents.read(path).lines, names[f"bench-{product}"]).sections
        }
        wanted = {
            (row["defect"].lower(), kind): (row["page"], row[f"{kind}s"])
            for row in truth(folder)
            if row["product"] == product
            for kind in ("cause", "action")
        }
        pages = [key for key in wanted if key in found and found[key].page == wanted[key][0]]
        equal = [
            said in found[key].statements
            for key, (_, statements) in wanted.items()
            if key in found
            for said in statements
        ]
        whole = sum(len(statements) for _, statements in wanted.values())
        cells = (f"{len(found)} of {len(wanted)}", str(len(pages)), f"{sum(equal)} of {whole}")
        table.add_row(path.name, *cells)
    console.print(table)


def cases(folder: Path, named: dict[str, dict[str, Any]]) -> list[Case]:
    made = []
    for row in truth(folder):
        defect = row["defect"].lower()
        called = named[row["product"]][defect]
        for (language, kind), text in QUESTIONS.items():
            question = text.format(**called)
            made.append(Case(f"bench-{row['product']}", defect, kind, language, question))
    return made


def asked(
    conn: psycopg.Connection[Any], encoder: TextEncoder, space: str, given: list[Case]
) -> None:
    """How often the right section is first: told the defect, or finding it by the question."""
    vectors = encoder.encode_queries([case.question for case in given])
    table = Table("legs", "language", "wanted", title="the right section first")
    for column in ("product and defect told", "product told"):
        table.add_column(column, justify="right")
    for legs in ("words", "words and vectors"):
        right: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
        for case, vec in zip(given, vectors, strict=True):
            chosen = [Leg(kind="lexical")]
            if legs != "words":
                text = vector_text(vec)
                chosen.append(Leg(kind="vector", space=space, name="text", vec=text))
            hits = [first(conn, case, defect, chosen) for defect in (case.defect, None)]
            done = tuple(hit == (case.defect, case.kind) for hit in hits)
            right.setdefault((case.language, case.kind), []).append((done[0], done[1]))
        for (language, kind), found in right.items():
            told, open_ = (sum(one[at] for one in found) for at in (0, 1))
            table.add_row(
                legs, language, kind, f"{told} of {len(found)}", f"{open_} of {len(found)}"
            )
    console.print(table)


def first(
    conn: psycopg.Connection[Any], case: Case, defect: str | None, legs: list[Leg]
) -> tuple[str | None, str | None]:
    query = manuals.manual(
        product=case.product,
        defect=defect,
        query=case.question,
        k=1,
        collection=COLLECTION,
        legs=legs,
    )
    (hit,) = fetch(conn, query)
    return hit.of_defect, hit.of_kind


def main() -> None:
    folder = Path(os.environ.get("SEOGO_DATA", "../shared/data")) / "manuals-ko"
    settings = read(EncoderSettings)
    with database() as conn:
        named = make_products(conn, folder)
        cutting(conn, folder)
        local = Local(conn, settings)
        for name in named:
            (path,) = folder.glob(f"{name}_*.docx")
            local.run(imports.import_manual(path, f"bench-{name}", COLLECTION))
        embed.ensure_spaces(conn, settings)
        (space,) = fetch(conn, embedding.live_spaces(collection=COLLECTION))
        encoder = encoding.encoder_of(space, settings)
        embed.run(conn, space, encoder)
        asked(conn, encoder, space.pinned, cases(folder, named))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
