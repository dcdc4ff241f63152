"""The wheel carries everything the program reads at run time, and nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT

PACKAGES = ("db", "encoders", "flows", "inputs", "jobs", "migrations", "service", "sql")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in it."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_our_packages_is_in_it(names: set[str]) -> None:
    ours = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert any(name.endswith(".sql") for name in ours)
    assert "migrations/script.py.mako" in ours
    assert any(name.startswith("migrations/versions/0001") for name in ours)
    assert ours - names == set()


def test_the_sample_data_are_in_it(names: set[str]) -> None:
    ours = {
        path.relative_to(ROOT / "examples").as_posix()
        for path in (ROOT / "examples").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"parts.jsonl", "query.jpg", "defects/plates.jsonl"} <= ours
    assert {f"flows/examples/{name}" for name in ours} - names == set()


def test_nothing_else_is_in_it(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not {name for name in names if Path(name).name.startswith(("test_", "conftest"))}
    assert not {name for name in names if name.endswith((".pyc", ".orig", ".env"))}


def test_it_declares_the_command_and_the_licence(names: set[str]) -> None:
    inside = {name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name}
    assert {"entry_points.txt", "METADATA", "licenses/LICENSE"} <= inside
