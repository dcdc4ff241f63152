"""The examples of the analysts' guide run, in order, on the sample set, and give rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from db import ops
from db.items import create_collection
from db.query import fetch
from encoders import registry
from encoders.dummy import DummyEncoder
from jobs import embed, ingest, recipes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sql.helpers import Conn

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "sql-api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```sql\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)


@pytest.fixture
def parts(db: Conn, dummy_space: int) -> Conn:
    recipe = recipes.get("parts")
    fetch(db, create_collection(name="parts", settings=recipe.collection))
    with (ROOT / "examples" / "parts.jsonl").open("rb") as lines:
        assert ingest.run(db, lines, collection="parts", recipe=recipe).errors == []
    embed.run(db, fetch(db, ops.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    return db


def examples() -> Iterator[tuple[int, str, str]]:
    """Line, SQL and shown output (or nothing) of each block."""
    for found in BLOCK.finditer(GUIDE):
        yield GUIDE[: found.start()].count("\n") + 1, found[1], found[2] or ""


def statements(block: str) -> list[str]:
    """The statements of a block; they end in a semicolon at the end of a line."""
    return [part.strip() for part in re.split(r";[ \t]*(?:--.*)?$", block, flags=re.MULTILINE) if part.strip()]


def test_every_example_runs_and_finds_something(parts: Conn) -> None:
    ran = 0
    for line, block, output in examples():
        for statement in statements(block):
            raises = re.search(r"^-- ERROR (\w{5})", statement, re.MULTILINE)
            try:
                result = parts.execute(statement.encode())
            except psycopg.Error as exc:
                assert raises, f"sql-api.md:{line}: {exc}"
                assert exc.sqlstate == raises[1], f"sql-api.md:{line}: {exc}"
                continue
            assert not raises, f"sql-api.md:{line}: no error"
            ran += 1
            if result.description and "search." in statement:
                rows = result.fetchall()
                assert rows, f"sql-api.md:{line}: no rows\n{statement}"
                told = [column.name for column in result.description]
                head = output.split("\n", 1)[0]
                if output:
                    assert [name.strip() for name in head.split("|")] == told, f"sql-api.md:{line}"
    assert ran > 25


def test_the_guide_names_every_error_and_role() -> None:
    for name in ("SG001", "SG002", "SG003", "SG004", "seogo_reader", "seogo_writer", "seogo_admin"):
        assert f"`{name}`" in GUIDE
    raised = set(re.findall(r"'(SG\d{3})'", "".join(p.read_text() for p in (ROOT / "sql").rglob("*.sql"))))
    assert raised == set(re.findall(r"`(SG\d{3})`", GUIDE))
