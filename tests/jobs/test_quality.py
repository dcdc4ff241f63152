"""`seogo quality` and `seogo ingest --check`: found, decided, gone on with; nothing written by a check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.items import contradictions as sql
from encoders.pictures import decoding
from encoders.pictures.look import look_of
from jobs.cli import app
from jobs.quality import judge_pictured, unfinished
from tests.evaluation.judge_server import JudgeServer
from tests.jobs.drawn import encoded, figure
from tests.sql.helpers import column, make_collection, put

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn


@pytest.fixture(autouse=True)
def parts(db: Conn, db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("COLUMNS", "200")
    make_collection(db, identifier_fields=["part_number"])


def seogo(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Three records: two parts with one picture, one with a picture that is none."""
    (tmp_path / "a.png").write_bytes(encoded(figure(1)))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    records = [
        {"external_id": key, "fields": {"part_number": number}, "media": [{"path": path}]}
        for key, number, path in (
            ("A", "AB-1000", "a.png"),
            ("B", "CD-2000", "a.png"),
            ("C", "EF-3000", "broken.png"),
        )
    ]
    file = tmp_path / "records.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return file


def test_a_check_says_what_contradicts_itself_and_writes_nothing(db: Conn, copies: Path) -> None:
    said = seogo("ingest", str(copies), "-c", "parts", "--check", code=1)
    assert "records.jsonl:2 (B): duplicate: the same picture as A" in said
    assert "records.jsonl:3 (C): photo broken.png" in said
    assert "1 contradictions (duplicate 1); nothing was written" in said
    assert "number: 1 no picture, 2 no reader" in said
    seogo("ingest", str(copies), "-c", "third", "--recipe", "generic", "--check", code=1)
    counts = "SELECT count(*) FROM core.item UNION ALL SELECT count(*) FROM core.picture"
    assert column(db, f"{counts} UNION ALL SELECT count(*) FROM ops.run") == [0, 0, 0]
    assert column(db, "SELECT name FROM core.collection") == ["parts"]
    seogo("ingest", str(copies), "-c", "third", "--check", code=1)
    seogo("ingest", "--check", "--resume", code=1)


def test_what_is_found_is_listed_accepted_and_opened_again(db: Conn, copies: Path) -> None:
    seogo("ingest", str(copies), "-c", "parts", "--load-only", code=1)
    said = seogo("quality", "parts")
    assert "3 items judged: 1 contradictions are new" in said
    assert "the same picture as A" in said
    assert "no reader" in said
    (row,) = fetch(db, sql.contradictions(collection="parts"))
    number = str(row.contradiction_id)
    seogo("quality", "parts", "--accept", number, "--by", "mina", "--note", "a family picture")
    assert "no contradictions are open" in seogo("quality", "parts")
    listed = seogo("quality", "parts", "--list", "--state", "all")
    assert "accepted by mina" in listed
    assert "a family picture" in listed
    seogo("quality", "parts", "--reopen", number)
    assert "the same picture as A" in seogo("quality", "parts", "--list", "--rule", "duplicate")
    seogo("quality", "parts", "--resume", code=1)
    seogo("quality", "nowhere", code=1)
    seogo("quality", "parts", "--rule", "nonsense", code=1)


def test_a_run_that_broke_off_is_gone_on_with(db: Conn, copies: Path) -> None:
    from encoders.settings import EncoderSettings

    seogo("ingest", str(copies), "-c", "parts", "--load-only", code=1)
    (first,) = fetch(db, sql.judge_step(collection="parts", items_n=2))
    assert unfinished(db, "parts") == first.run_id
    steps: list[sql.JudgeStep] = []
    counts = judge_pictured(db, EncoderSettings(), steps.append)
    assert [step.run_id for step in steps] == [first.run_id]
    assert counts == {"collections": 1, "judged": 3, "opened": 1, "mended": 0}
    assert unfinished(db, "parts") is None
    assert column(db, "SELECT look IS NOT NULL FROM ops.picture_look") == [True]


def test_a_model_looks_at_what_it_has_not_seen_as_it_is(
    db: Conn, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seogo("quality", "parts", "--list", "--ask", "5", code=1)  # no server is set
    seogo("ingest", str(copies), "-c", "parts", "--load-only", code=1)
    against = json.dumps({"contradicts": True, "says": "명판은 다른 제조사의 것입니다."})
    agrees = json.dumps({"contradicts": False, "says": ""})
    with JudgeServer(against, agrees, agrees) as server:
        monkeypatch.setenv("SEOGO_CAPTION_URL", server.url)
        monkeypatch.setenv("SEOGO_CAPTION_MODEL", "eyes")
        said = seogo("quality", "parts", "--list", "--ask", "5", "--rule", "model")
        assert "looked at 2 items: 1 contradict" in said
        assert "명판은 다른 제조사의 것입니다." in said
        shown, told = server.bodies[0]["messages"][0]["content"]
        assert shown["image_url"]["url"].startswith("data:image/jpeg;base64,")
        assert "AB-1000" in told["text"]
        assert "looked at 0 items" in seogo("quality", "parts", "--list", "--ask", "5")
        put(db, {"A": {"part_number": "AB-1001"}})  # changed: looked at again, and now they agree
        assert "looked at 1 items: 0" in seogo("quality", "parts", "--list", "--ask", "5")
    rows = fetch(db, sql.contradictions(collection="parts", rule="model", state=None))
    assert [(row.external_id, row.state, row.evidence["model"]) for row in rows] == [
        ("A", "mended", "eyes")
    ]


def test_a_copy_looks_the_same_and_another_picture_does_not() -> None:
    shown = decoding.decode(encoded(figure(1)))
    copy = decoding.decode(encoded(figure(1).resize((144, 108)), "JPEG", quality=70))
    other = decoding.decode(encoded(figure(2)))
    look, again, third = (look_of(one) for one in (shown, copy, other))
    assert look is not None
    assert again is not None
    assert third is not None
    assert look @ again > 0.999 > look @ third
    assert look_of(decoding.decode(encoded(figure(1).crop((0, 0, 9, 9))))) is None
