"""Habits that files hold: the lock, the workflow, the hooks, the message of a commit, the changelog."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.source import ROOT
from tools.commit_message import faults

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements() -> list[Requirement]:
    """Return what pyproject.toml asks for, in all extras."""
    lists = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(line) for group in lists for line in group]


def locked() -> dict[str, list[Requirement]]:
    """Return the pins of the lock; a package has several where Pythons need different versions."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins: dict[str, list[Requirement]] = {}
    for line in lines:
        if line and not line.lstrip().startswith("#"):
            pin = Requirement(line)
            pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def test_the_lock_is_of_this_pyproject() -> None:
    pins = locked()
    wrong = [
        str(asked)
        for asked in requirements()
        if (name := canonicalize_name(asked.name)) != "seogo"
        and not any(asked.specifier.contains(version(pin)) for pin in pins.get(name, ()))
    ]
    assert wrong == [], "constraints.txt does not fit pyproject.toml: make lock"


def test_the_lock_has_exact_versions_that_every_index_has() -> None:
    versions = {str(pin): version(pin) for group in locked().values() for pin in group}
    assert {line for line, exact in versions.items() if not exact or "+" in exact} == set()


def version(pin: Requirement) -> str:
    """Return the version of `name==version`, or nothing."""
    found = re.fullmatch(r"==([^,*]+)", str(pin.specifier))
    return found[1] if found else ""


@pytest.mark.parametrize(
    "schema", ["vendor.github-workflows", "custom.github-workflows-require-timeout"]
)
def test_the_workflows_are_valid(schema: str) -> None:
    files = map(str, sorted((ROOT / ".github" / "workflows").glob("*.yml")))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_workflow_runs_the_check_of_a_submission() -> None:
    steps = read(".github/workflows/ci.yml")["jobs"]["test"]["steps"]
    assert "bash .ci/run" in [step.get("run") for step in steps]


def test_the_hooks_run_what_lint_runs() -> None:
    (repo,) = read(".pre-commit-config.yaml")["repos"]
    hooks = {hook["entry"].split()[0] for hook in repo["hooks"] if "stages" not in hook}
    lint = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].split("\n\n")[0]
    assert hooks == {f".venv/bin/{name}" for name in re.findall(r"\$\(BIN\)/([\w-]+)", lint)}


def read(path: str) -> dict[str, Any]:
    """Read a file of YAML."""
    return dict(yaml.safe_load((ROOT / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("fix: a\n\nBecause.", None),
        ("feat(sql)!: a\n\nBecause.\n# Please enter\n", None),
        ("Merge branch 'a'", None),
        ("fix: a", "the body that says why is missing"),
        ("fix: a\n\n# Please enter\n", "the body that says why is missing"),
        (f"fix: {'a' * 68}\n\nBecause.", "the subject has 73 characters, at most 72 are allowed"),
        ("fix: a\nBecause.", "no blank line stands between subject and body"),
        ("Fix a\n\nBecause.", "the subject does not begin with"),
        ("", "the subject does not begin with"),
    ],
)
def test_the_message_of_a_commit(message: str, fault: str | None) -> None:
    found = faults(message)
    assert found == [] if fault is None else any(line.startswith(fault) for line in found)


def test_the_hook_refuses_a_message_and_lets_another_pass(tmp_path: Path) -> None:
    script = str(ROOT / "tools" / "commit_message.py")
    for name, message, status in (("good", "fix: a\n\nBecause.\n", 0), ("bad", "fix: a\n", 1)):
        (tmp_path / name).write_text(message)
        command = [sys.executable, script, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, bool(done.stderr)) == (status, bool(status))


def test_the_newest_version_of_the_changelog_is_this_one() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", text, re.M)
    assert released[0] == PROJECT["version"]
    assert released == sorted(released, key=lambda text: [*map(int, text.split("."))], reverse=True)
    sections = set(re.findall(r"^### (.*)$", text, re.M))
    assert sections <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("path", ["README.md", "docs/tutorial.md"])
def test_the_wheel_is_named_by_its_version(path: str) -> None:
    named = re.findall(r"seogo-([\d.]+)-py3", (ROOT / path).read_text(encoding="utf-8"))
    assert set(named) == {PROJECT["version"]}
