"""Ingest as users see it: what is said, and that every hint leads where it says."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from db.calls.query import fetch
from db.items.items import create_collection
from db.items.rows import NewCollection
from inputs.errors import InputUnusable
from jobs import maintain
from jobs.cli import app
from jobs.cli.items import ingest as cli
from jobs.errors import JobError
from jobs.ingest import load
from jobs.ingest.attempts import NothingToResume
from tests.jobs import drawn
from tests.sql.helpers import column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg
    from click.testing import Result

    Conn = psycopg.Connection[Any]
    Run = Callable[..., Result]


@pytest.fixture
def seogo(db_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("SEOGO_TEXT_ENCODER", "dummy")
    monkeypatch.setenv("COLUMNS", "300")
    return lambda *words, code=0: ran([str(word) for word in words], code)


def ran(words: list[str], code: int) -> Result:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done


def hinted(output: str) -> list[str]:
    """The command that the last line says to run."""
    found = re.search(r"once mended: seogo ([^()]*)", output)
    assert found, output
    return shlex.split(found[1])


CSV = "external_id,title,path\n" + "".join(f"R{at:02d},pump {at},\n" for at in range(1, 21))


def test_a_table_with_stray_quotes_and_the_hint_followed(
    db: Conn, seogo: Run, tmp_path: Path
) -> None:
    path = tmp_path / "parts.csv"
    spoiled = CSV.replace("pump 3,", '"12 inch pump,').replace("pump 12,", '"1/2"" tube,')
    path.write_text(spoiled)
    told = seogo("ingest", path, "-c", "x", "--recipe", "generic", "--load-only", code=1).output
    assert "x: 18 inserted, 0 updated, 0 unchanged, 2 refused" in told
    assert "parts.csv:4: its quote is never closed" in told
    assert "parts.csv:13: its quote is never closed" in told
    # Nothing was mended yet.
    again = seogo(*hinted(told), code=1)
    assert isinstance(again.exception, NothingToResume)
    path.write_text(CSV)
    told = seogo(*hinted(told), "--load-only").output
    assert "x: 2 inserted, 0 updated, 0 unchanged, 0 refused" in told
    assert column(db, "SELECT count(*) FROM core.item") == [20]


def test_a_mended_record_and_a_mended_picture(db: Conn, seogo: Run, tmp_path: Path) -> None:
    path = tmp_path / "parts.jsonl"
    good: dict[str, Any] = {"external_id": "A", "fields": {}, "media": [{"path": "a.png"}]}
    path.write_text(json.dumps(good) + '\n{"external_id": "B"}\n')
    told = seogo("ingest", path, "-c", "x", "--recipe", "generic", "--load-only", code=1).output
    assert "x: 1 inserted, 0 updated, 0 unchanged, 1 refused; 0 pictures, 1 refused" in told
    (tmp_path / "a.png").write_bytes(drawn.encoded(drawn.plain()))
    path.write_text(json.dumps(good) + '\n{"external_id": "B", "fields": {}}\n')
    told = seogo(*hinted(told), "--load-only").output
    assert "x: 1 inserted, 0 updated, 1 unchanged, 0 refused; 1 pictures, 0 refused" in told
    assert column(db, "SELECT error FROM core.media") == [None]


def test_the_hint_of_law_is_followed(db: Conn, seogo: Run, tmp_path: Path) -> None:
    path = tmp_path / "law.jsonl"
    passage = {"id": "A", "kind": "law", "doc": "민법", "text": "제1조", "effective": "2025"}
    path.write_text(json.dumps(passage) + "\n")
    told = seogo("legal", "import", path, "-c", "law", "--load-only", code=1).output
    assert "effective: 2025 is no day" in told
    # The passages were in a file that is gone: a retry would read nothing.
    assert "--retry-errors" not in told
    assert "mend the files and import them again" in told
    path.write_text(json.dumps(passage | {"effective": "20250101"}) + "\n")
    assert "law: 1 inserted" in seogo("legal", "import", path, "-c", "law", "--load-only").output
    # Where they are kept, the file that is kept is read again.
    path.write_text(json.dumps(passage | {"id": "B"}) + "\n")
    kept = tmp_path / "kept.jsonl"
    command = ("legal", "import", path, "-c", "law", "--load-only", "--out", kept)
    told = seogo(*command, code=1).output
    kept.write_text(kept.read_text().replace('"2025"', '"20250101"'))
    assert "law: 1 inserted" in seogo(*hinted(told), "--load-only").output
    assert column(db, "SELECT count(*) FROM core.item") == [2]


def test_keys_without_a_place_are_told_and_pictures_come_in(
    db: Conn, seogo: Run, tmp_path: Path
) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(drawn.encoded(drawn.plain(ord(name[0]))))
    record = {
        "id": "Q",
        "text": "?",
        "latex": [],
        "media": [{"path": "a.png", "role": "photo"}],
        "image_refs": {"question": ["a.png"], "explanation": ["b.png"], "verified": []},
    }
    (tmp_path / "q.jsonl").write_text(json.dumps(record) + "\n")
    told = seogo("ingest", tmp_path / "q.jsonl", "-c", "m", "--recipe", "itembank", "--load-only")
    assert "m: 1 inserted, 0 updated, 0 unchanged, 0 refused; 3 pictures, 0 refused" in told.output
    assert (
        "keys that the recipe itembank has no place for: latex (1 records), image_refs.verified"
        in told.output
    )
    roles = "SELECT role || ' ' || name FROM core.media WHERE error IS NULL ORDER BY 1"
    assert column(db, roles) == ["explanation b.png", "photo a.png", "question a.png"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"External_ID,Title\nB,x\n", "the header lacks external_id"),
        ("a.jsonl", '{"external_id": "A"}\n'.encode("utf-16"), "seems to be UTF-16"),
        ("a.jsonl", b'[{"external_id": "A"}]', "seems to be one JSON array"),
        ("a.csv", b'{"external_id": "A", "fields": {}}\n', "seems to be JSON, not CSV"),
        ("a.jsonl", b"external_id,title\nA,b\n", "seems to be CSV"),
    ],
)
def test_a_file_that_does_not_do_makes_nothing(
    db: Conn, seogo: Run, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    done = seogo("ingest", tmp_path / name, "-c", "x", "--recipe", "generic", code=1)
    assert isinstance(done.exception, InputUnusable)
    assert reason in str(done.exception)
    assert column(db, "SELECT count(*) FROM core.collection") == [0]
    assert column(db, "SELECT count(*) FROM ops.run") == [0]


def test_a_run_is_not_told_twice_what_it_knows(seogo: Run, tmp_path: Path) -> None:
    for words in (("--resume", "-c", "x"), ("--retry-errors", "1", "--recipe", "generic")):
        assert isinstance(seogo("ingest", *words, code=1).exception, JobError)


def test_a_collection_that_was_empty_gets_a_compact_index(
    db: Conn, db_url: str, seogo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "MAINTAINED_FROM", 40)
    monkeypatch.setattr(load, "BATCH_ITEMS", 4)
    path = tmp_path / "some.jsonl"
    more = tmp_path / "more.jsonl"
    for file, first in ((path, 0), (more, 40)):
        lines = (
            json.dumps({"external_id": f"P{at}", "fields": {"title": "pump"}})
            for at in range(first, first + 40)
        )
        file.write_text("\n".join(lines))
    options = ("-c", "x", "--recipe", "generic", "--load-only")
    seogo("ingest", path, *options)
    assert maintain.run(db).merged == {}
    # What comes to others is left to `seogo maintain`.
    seogo("ingest", more, *options)
    assert maintain.run(db).merged["fold"] == 1

    # A writer may not do it, and is told who may.
    monkeypatch.setenv("SEOGO_DATABASE_URL", make_conninfo(db_url, options="-c role=seogo_writer"))
    fetch(db, create_collection(name="y", settings=NewCollection()))
    told = seogo("ingest", path, "-c", "y", "--load-only").output
    assert "y: 40 inserted" in told
    assert "have the owner of the database run: seogo maintain" in told
