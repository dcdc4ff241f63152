"""The wheel, built as an installer would, and installed where no clone is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fasteners import InterProcessLock

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built in an environment of its own, once for all workers."""
    base = tmp_path_factory.getbasetemp()
    target = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "wheel"
    with InterProcessLock(target.with_suffix(".lock")):
        if not target.exists():
            _pip("wheel", "-w", str(target), str(ROOT))
    (made,) = target.glob("seogo-*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds; what it depends on is where the tests run."""
    target = tmp_path_factory.mktemp("installed")
    _pip("install", "--target", str(target), str(wheel))
    return target


def _pip(command: str, *words: str) -> None:
    line = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", *words]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
