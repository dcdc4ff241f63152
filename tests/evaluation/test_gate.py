"""Gates: targets read, measured, reported; a request that is not answered fails them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from db.calls.query import fetch
from db.evaluation import query_sets
from encoders.settings import EncoderSettings
from flows.samples import folder
from flows.search.request import SearchIn
from jobs.cli import app
from jobs.errors import JobError
from jobs.evaluation import runner
from jobs.proof import asking, gate, report, targets
from tests.evaluation.support import items, make_set

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sql.helpers import Conn

TEXT = """
name = "mine"
[[check]]
collection = "parts"
set = "set"
requests = 5
[check.at_least]
"R@1" = 0.4
"R@1 / hard" = 0.0
"RR@10 / no such" = 0.0
[check.at_most]
empty = 2
[[check]]
collection = "parts"
set = "made"
sample = { n = 4 }
requests = 0
[check.at_least]
"Success@5" = 1.0
"""


@pytest.fixture
def parts(db: Conn) -> Conn:
    items(db, {"A": "dry pump", "B": "wet pump", "C": "sealing ring", "D": "gauge"})
    make_set(
        db, ["dry pump", "nothing like it"], {q: {"A": 1} for q in ("dry pump", "nothing like it")}
    )
    db.execute("UPDATE eval.query SET categories = '{hard}' WHERE text LIKE 'nothing%'")
    return db


def read(tmp_path: Path, text: str) -> targets.Targets:
    path = tmp_path / "targets.toml"
    path.write_text(text, encoding="utf-8")
    return targets.read(path)


def test_a_gate_measures_and_compares(
    parts: Conn, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = gate.run(parts, EncoderSettings(), read(tmp_path, TEXT))
    first, second = found.checks
    passed = {target.what: (target.found, target.passed) for target in first.targets}
    assert passed == {
        "R@1": (0.5, True),
        "R@1 / hard": (0.0, True),
        "RR@10 / no such": (None, False),  # what is not measured is not reached
        "answered": (5, True),
        "empty": (2, True),  # of five requests the second and the fourth
    }
    assert first.asked is not None
    assert (first.asked.requests, first.asked.errors) == (5, [])
    assert second.passed
    assert second.asked is None
    assert not found.passed
    page = report.html(found)
    assert all(word in page for word in ("불합격", "RR@10 / no such", "not measured"))
    # As a command: the same, an exit status, and the report as JSON.
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    out = tmp_path / "gate.json"
    ask = ["eval", "gate", str(tmp_path / "targets.toml"), "--json", str(out)]
    done = CliRunner().invoke(app, ask, catch_exceptions=False)
    assert done.exit_code == 2
    assert "FAIL  RR@10 / no such: not measured" in done.output
    assert json.loads(out.read_text())["passed"] is False
    (tmp_path / "targets.toml").write_text(TEXT.replace('"RR@10 / no such" = 0.0', ""))
    assert CliRunner().invoke(app, ask, catch_exceptions=False).exit_code == 0


def test_requests_that_fail_are_counted_and_fail_the_gate(parts: Conn) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/metrics":
            return httpx.Response(200, text="process_resident_memory_bytes 2.5e+08\n")
        assert request.url.path == "/collections/parts/search"
        asked = msgspec.json.decode(request.content, type=SearchIn)
        if asked.query != "dry pump":
            return httpx.Response(503, json={"detail": "no"})
        return httpx.Response(200, json={"hits": [{}], "degraded": ["text left out"]})

    sender = asking.ServerSender("http://there/", "k", httpx.MockTransport(answer))
    check = targets.GateCheck(collection="parts", query_set="set", requests=9, concurrency=3)
    queries = fetch(parts, query_sets.queries(query_set="set"))
    found = asking.ask(parts, check, queries, sender, lambda *_: None)
    sender.close()
    assert (found.requests, found.answered, found.degraded, found.empty) == (9, 5, 5, 0)
    assert found.memory_mb == 250
    assert "503" in found.errors[0]


@pytest.mark.parametrize(
    "wrong",
    [
        "name =",
        'name = "x"',
        TEXT.replace("requests = 5", "request = 5"),
        TEXT.replace("empty = 2", "p96_ms = 2"),
        TEXT.replace("requests = 5", "requests = 0"),
        TEXT.replace("0.4", "40"),
    ],
)
def test_files_that_are_no_targets(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(targets.BadTargets):
        read(tmp_path, wrong)


def test_a_set_that_is_missing_or_has_become_another(parts: Conn, tmp_path: Path) -> None:
    with pytest.raises(JobError, match="no query set"):
        gate.run(parts, EncoderSettings(), read(tmp_path, TEXT.replace('"set"', '"nope"')))
    only_second: dict[str, Any] = {"collection": "parts", "query_set": "made", "requests": 0}
    check = targets.GateCheck(sample=targets.SampleRecipe(n=4), **only_second)
    wanted = targets.Targets(name="x", checks=[check])
    assert gate.run(parts, EncoderSettings(), wanted).passed
    parts.execute(
        "UPDATE core.item SET fields = '{\"title\": \"other words\"}' WHERE external_id = 'C'"
    )
    with pytest.raises(JobError, match="another one now"):
        gate.run(parts, EncoderSettings(), wanted)


def test_examples_are_targets() -> None:
    for path in sorted((folder() / "targets").glob("*.toml")):
        for check in targets.read(path).checks:
            runner.parse_legs(check.legs or "lexical")
            assert check.at_least, path
