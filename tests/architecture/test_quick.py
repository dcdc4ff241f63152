"""`make quick`: whoever needs a server, a model or a browser is marked, and who is not marked starts none."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.architecture.source import ROOT
from tests.conftest import FIXTURES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

QUICK = re.search(r"^QUICK := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
TESTS = """
import subprocess, sys
import pytest

@pytest.fixture
def through_another(server_url): ...

def test_needs_a_database(through_another): ...

@pytest.fixture
def model_cache(): ...

def test_needs_a_model(model_cache): ...

def test_plain(): ...

def test_starts_a_server(): subprocess.run(["/nowhere/postgres", "--version"])

def test_starts_one_through_a_shell(): subprocess.run(["/bin/sh", "-c", 'exec "$@"', "sh", "/nowhere/initdb"])

def test_loads_a_library(monkeypatch): monkeypatch.setitem(sys.modules, "torch", sys)
"""


def test_quick_leaves_out_every_mark() -> None:
    assert QUICK is not None
    assert set(re.findall(r"not (\w+)", QUICK[1])) == set(FIXTURES)


def test_what_is_not_marked_starts_nothing(tmp_path: Path) -> None:
    """Marks come through other fixtures; what starts a server or loads a library without one fails."""
    assert QUICK is not None
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "test_says_so.py").write_text("pytestmark = pytest.mark.db\nraise ImportError\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "-m",
        QUICK[1],
    ]
    done = subprocess.run(
        [*command, "-rA", f"--rootdir={ROOT}", f"-c{ROOT / 'pyproject.toml'}", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    outcomes = {name: how for how, name in re.findall(r"^(\w+) \S*::(\w+)", done.stdout, re.M)}
    assert outcomes == {
        "test_plain": "PASSED",
        "test_starts_a_server": "FAILED",
        "test_starts_one_through_a_shell": "FAILED",
        "test_loads_a_library": "FAILED",
    }, done.stdout + done.stderr
    assert "2 deselected" in done.stdout


def test_marks_are_on_what_is_collected(request: pytest.FixtureRequest) -> None:
    """Of all tests of this run, none that uses a fixture of a mark is without it."""
    unmarked = [
        item.nodeid
        for item in request.session.items
        for mark, fixtures in FIXTURES.items()
        if not fixtures.isdisjoint(getattr(item, "fixturenames", ()))
        and item.get_closest_marker(mark) is None
    ]
    assert unmarked == []
