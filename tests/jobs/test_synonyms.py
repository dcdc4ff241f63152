"""`seogo synonyms`: groups and tables on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from jobs.cli import app
from tests.sql.helpers import make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn


@pytest.fixture(autouse=True)
def things(db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")
    make_collection(db)
    put(db, {"S": {"title": "o-ring"}})


def seogo(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done.output


def test_a_group_is_added_used_listed_and_removed() -> None:
    assert "added" in seogo("synonyms", "add", "패킹", "o-ring", "-c", "parts")
    assert "there already" in seogo(
        "synonyms", "add", "o-ring", "패킹", "-c", "parts", "--weight", "0.5"
    )
    assert "S" in seogo("search", "-c", "parts", "패킹", "--leg", "lexical")
    assert "0.5" in seogo("synonyms", "list", "-c", "parts")
    assert "1 removed" in seogo("synonyms", "remove", "1", "-c", "parts")
    seogo("synonyms", "remove", "1", "-c", "parts", code=1)


def test_a_wrong_row_of_a_table_is_named_and_the_rest_taken(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text("words,typed,weight\n패킹 | o-ring,,\none,,\na | b,,heavy\n", encoding="utf-8")
    told = seogo("synonyms", "import", str(file), "-c", "parts", code=1)
    assert "1 added, 0 there already, 0 removed, 2 refused" in told
    assert "line 3" in told
    assert "line 4" in told
    copy = tmp_path / "copy.csv"
    seogo("synonyms", "export", "-c", "parts", "--to", str(copy))
    assert copy.read_text(encoding="utf-8") == "words,typed,weight\no-ring | 패킹,,1\n"
    assert "1 there already" in seogo("synonyms", "import", str(copy), "-c", "parts", "--replace")
