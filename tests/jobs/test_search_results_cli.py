"""Counts, sorted lists, pages and batches on the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from tests.sql.helpers import Conn

    Run = Callable[..., Result]


@pytest.fixture
def seogo(db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")
    make_collection(db)
    names = [f"P{at}" for at in range(6)]
    metadata: dict[str, Any] = {name: {"price": at * 10} for at, name in enumerate(names)}
    put(db, {name: {"title": "pump"} for name in names}, metadata=metadata)

    def run(*words: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, words)
        assert done.exit_code == code, done.output
        return done

    return run


def test_counts_and_pages(seogo: Run) -> None:
    asked = ("search", "-c", "parts", "--sort", "-price", "--filter", "price:10..", "--k", "2")
    counts = ("--total", "--facet", "price:ranges", "--facet", "price:statistics")
    said = seogo(*asked, *counts)
    assert "5 items match by the filter" in said.output
    assert "price: 10 to 50, mean 30; 5 items" in said.output
    assert said.output.index("P5") < said.output.index("P4")
    cursor = said.output.rpartition("--cursor ")[2].strip()
    following = seogo(*asked, "--cursor", cursor).output
    assert "P3" in following
    assert "P4" not in following


def test_a_batch_answers_line_by_line(seogo: Run, tmp_path: Path) -> None:
    file = tmp_path / "queries.txt"
    file.write_text('pump\n\n{"query": "pump", "filter": "$.a"}\n{"sort": ["price"]}\n')
    said = seogo("search", "-c", "parts", "--k", "1", "--batch", str(file), code=1)
    first, second, third = map(json.loads, said.stdout.splitlines())
    assert (first["line"], len(first["hits"]), first["more"]) == (1, 1, True)
    assert (second["line"], "selects a value" in second["error"]) == (3, True)
    assert third["hits"][0]["external_id"] == "P0"
    file.write_text('{"query": 1}')
    assert "line 1" in str(seogo("search", "-c", "parts", "--batch", str(file), code=1).exception)


def test_a_sort_key_is_made_and_dropped(seogo: Run) -> None:
    for words, said in (((), "made"), ((), "was there"), (("--drop",), "deleted")):
        assert said in seogo("collection", "sort-key", *words, "parts", "price").output
