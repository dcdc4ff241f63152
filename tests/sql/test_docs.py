"""The examples of the analysts' guide run, in order, on the sample set, and give rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.calls.query import fetch
from db.items.items import create_collection
from db.operations import runs
from db.spaces import embedding
from encoders import registry
from encoders.text.dummy import DummyEncoder
from inputs.lines import of_lines
from jobs import embed, maintain
from jobs.ingest import load as ingest
from jobs.recipes import registry as recipes

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
        run_id = fetch(db, runs.start(kind="ingest", args={}))[0].id
        report = ingest.run(
            db, of_lines(enumerate(lines, 1)), collection="parts", recipe=recipe, run_id=run_id
        )
        assert report.errors == []
    maintain.run(db, "parts")
    embed.run(db, fetch(db, embedding.live_spaces())[0], DummyEncoder(registry.spec("dummy")))
    return db


def examples() -> Iterator[tuple[int, str, str]]:
    """Line, SQL and shown output (or nothing) of each block."""
    for found in BLOCK.finditer(GUIDE):
        yield GUIDE[: found.start()].count("\n") + 1, found[1], found[2] or ""


def statements(block: str) -> list[str]:
    """Split a block into statements; each ends in a semicolon at the end of a line."""
    return [
        part.strip() for part in re.split(r";[ \t]*$", block, flags=re.MULTILINE) if part.strip()
    ]


def outcome(db: Conn, statement: str) -> tuple[str | None, list[str], list[Any]]:
    """Run a statement: SQLSTATE, names of the columns, rows."""
    try:
        result = db.execute(statement.encode())
    except psycopg.Error as exc:
        return exc.sqlstate, [], []
    if result.description is None:
        return None, [], []
    return None, [column.name for column in result.description], result.fetchall()


def test_every_example_runs_and_finds_something(parts: Conn) -> None:
    ran = 0
    for line, block, output in examples():
        for statement in statements(block):
            here = f"sql-api.md:{line}\n{statement}"
            announced = re.search(r"^-- ERROR (\w{5})", statement, re.MULTILINE)
            state, names, rows = outcome(parts, statement)
            assert state == (announced and announced[1]), here
            if announced or not names:
                continue
            assert rows, here
            ran += 1
            if output:
                head = output.split("\n", 1)[0]
                assert [name.strip() for name in head.split("|")] == names, here
    assert ran >= 20


def test_the_guide_names_every_error_and_role() -> None:
    for name in ("SG001", "SG002", "SG003", "SG004", "seogo_reader", "seogo_writer", "seogo_admin"):
        assert f"`{name}`" in GUIDE
    raised = set(
        re.findall(r"'(SG\d{3})'", "".join(p.read_text() for p in (ROOT / "sql").rglob("*.sql")))
    )
    assert raised == set(re.findall(r"`(SG\d{3})`", GUIDE))
