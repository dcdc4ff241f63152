"""A sharded collection by the command line alone: measured, tuned, asked and judged as any other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from db.errors import BadRequest
from jobs.cli import app
from jobs.shards.upkeep import ShardsUnkept
from tests.evaluation.judge_server import JudgeServer
from tests.jobs.drawn import encoded, figure
from tests.shards.support import WORDS, encode

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shards.conftest import Conn, Trio

pytestmark = pytest.mark.db


def seogo(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done.output


def records(folder: Path, n: int) -> Path:
    """Items of a sentence and a number, two of them with one picture."""
    (folder / "p.png").write_bytes(encoded(figure(1)))
    rows = [
        {
            "external_id": f"C{at}",
            "fields": {
                "title": f"{WORDS[at % 7]} {WORDS[at * 3 % 7]} model {at}",
                "text": f"The {WORDS[at % 7]} of line {at} is cleaned every {at + 2} months.",
                "pn": f"PX-{at:03}",
            },
            **({"media": [{"path": "p.png"}]} if at < 2 else {}),
        }
        for at in range(n)
    ]
    (folder / "c.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder / "c.jsonl"


def test_a_sharded_collection_by_the_command_line(
    trio: Trio, main: Conn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", trio.url("one"))
    monkeypatch.setenv("COLUMNS", "200")
    main.execute(
        "SELECT ops.create_collection('line', 'korean', '{\"title\": 3, \"text\": 1}', '{pn}',"
        ' \'{"text": {"item": ["title", "text"]}}\', shards => \'{a,b}\')'
    )
    given = (str(records(tmp_path, 12)), "--media", str(tmp_path), "--load-only")
    said = seogo("ingest", *given, "-c", "line")
    assert "12 inserted" in said
    assert "2 pictures, 0 refused" in said
    told = seogo("embed")
    assert "vectors wait on shards where no worker is" in told
    assert "with SEOGO_DATABASE_URL of each" in told
    unmeasured = CliRunner().invoke(app, ["spaces", "tune"])
    assert "SEOGO_DATABASE_URL of" in getattr(unmeasured.exception, "hint", "")
    encode(trio, "ab", "line")
    weights = ("--weight", "title=2", "--weight", "text=1")
    seogo("collection", "update", "line", *weights)
    main.execute("ALTER SERVER seogo_shard_b OPTIONS (SET dbname 'none')")
    main.execute("SELECT impl.shard_hang_up('{b}')")
    assert "not counted, as a shard does not answer: line" in seogo("collection", "list")
    assert isinstance(CliRunner().invoke(app, ["maintain"]).exception, ShardsUnkept)
    main.execute("ALTER SERVER seogo_shard_b OPTIONS (SET dbname 'b')")
    said = seogo("maintain")
    for shard in "ab":  # neither has put its own in force alone
        assert f"shard {shard}: line: new lexical index in force" in said
    seogo("eval", "sample", "line", "-c", "line", "-n", "12")
    legs = ("--legs", "lexical,identifier,text")
    assert "12 of 12 queries asked" in seogo("eval", "run", "-c", "line", "--set", "line", *legs)
    (run,) = main.execute("SELECT max(id) FROM eval.run").fetchone() or ()
    tuned = seogo("tune", "-c", "line", "--run", str(run), "--folds", "2", "--repeats", "1")
    assert "nDCG@10" in tuned
    assert "the set line is judged" in seogo("selftune", "-c", "line")
    assert "0 synonyms, 0 queries to judge" in seogo("proposals", "make", "-c", "line")
    answer = seogo("ask", "When is the pump of line 4 cleaned?", "-c", "line", "--extractive")
    assert "is cleaned every" in answer
    assert "1 contradictions are new" in seogo("quality", "line")
    listed = seogo("quality", "line", "--list", "--rule", "duplicate")
    assert "C0" in listed
    assert "C1" in listed
    pairs, mined, vectors = (str(tmp_path / name) for name in ("p.jsonl", "m.jsonl", "v.npz"))
    titles = ("--titles", "--title-field", "title", "--context-field", "pn")
    assert "12" in seogo("pairs", "make", "-c", "line", "--out", pairs, *titles)
    assert "12 pairs" in seogo("pairs", "mine", pairs, "-c", "line", "--out", mined, "--words-only")
    assert "12 vectors" in seogo("export-vectors", vectors, "-c", "line")
    shown = ("--out", str(tmp_path / "shown.jsonl"), "--pictures", str(tmp_path / "shown"))
    assert "4 pairs to learn from, 0 held out, 1 pictures" in seogo(
        "pairs", "pictures", "-c", "line", *shown
    )
    refused = CliRunner().invoke(app, ["defects", "product", "x", "--collection", "line"])
    assert isinstance(refused.exception, BadRequest)
    assert "Name one without shards" in (refused.exception.hint or "")
    checked = seogo("ingest", *given[:3], "-c", "line", "--check", code=1)
    assert "c.jsonl:2 (C1): duplicate: the same picture as C0" in checked
    agrees = json.dumps({"contradicts": False, "says": ""})
    with JudgeServer(agrees, json.dumps({"contradicts": True, "says": "a motor"})) as server:
        monkeypatch.setenv("SEOGO_CAPTION_URL", server.url)
        monkeypatch.setenv("SEOGO_CAPTION_MODEL", "eyes")
        said = seogo("quality", "line", "--list", "--ask", "5", "--rule", "model")
    assert "looked at 2 items: 1 contradict" in said
    assert "a motor" in said
    # Other tests are about all that is on these servers.
    main.execute("SELECT ops.delete_collection('line')")
    main.execute("DROP INDEX core.embedding_1_hnsw")
    main.execute("DELETE FROM eval.query_set; DELETE FROM ops.query_vector")


def test_law_on_shards_by_the_command_line(
    trio: Trio, main: Conn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEOGO_DATABASE_URL", trio.url("one"))
    monkeypatch.setenv("COLUMNS", "200")
    rows = [
        {
            "id": f"L{n}",
            "kind": "law",
            "doc": "상법",
            "article": f"제{n}조",
            "text": f"① 제{n % 9 + 1}조의 어음",
        }
        for n in range(1, 10)
    ]
    rows += [
        {
            "id": "D1",
            "kind": "precedent",
            "doc": "2020다1",
            "text": "소멸시효",
            "cites": "상법 제3조, 제9조",
        }
    ]
    file = tmp_path / "laws.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    seogo("collection", "create", "law", "--recipe", "legal", "--shards", "a,b")
    assert "11 citations between them" in seogo(
        "legal", "import", str(file), "-c", "law", "--load-only"
    )
    shown = seogo("legal", "show", "L3", "-c", "law")
    assert "it cites: L4 상법 제4조" in shown
    assert "cited by: L2" in shown
    assert "cited by: D1" in shown
    assert "2 points at issue tell of 2 articles" in seogo("legal", "relate", "-c", "law")
    main.execute("SELECT ops.delete_collection('law')")
