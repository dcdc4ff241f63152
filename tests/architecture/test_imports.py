"""Which room may use which, and what must not be loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("db", "encoders", "flows", "inputs", "jobs", "migrations", "service", "sql")
HEAVY = ("torch", "transformers", "onnxruntime", "sentence_transformers", "paddle", "tokenizers")

LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
print(*sorted({name.partition('.')[0] for name in sys.modules}))
"""


def test_the_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "module",
    [
        "service.app",
        "jobs.cli",
        "encoders",
        "encoders.registry",
        "db.search.functions",
        "db.migrate",
    ],
)
def test_importing_loads_no_model_library(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, module],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert module.partition(".")[0] in loaded
    assert loaded.isdisjoint(HEAVY)


def test_no_other_distribution_provides_our_packages() -> None:
    """Their names are generic: another `db` in site-packages would overwrite or shadow ours."""
    strangers = {
        (dist.name, top)
        for dist in distributions()
        if dist.name.lower() != "seogo"
        for file in _files(dist)
        if (top := file.partition("/")[0].removesuffix(".py")) in ROOMS
    }
    assert strangers == set()


def _files(dist: Distribution) -> list[str]:
    """List the files of a distribution; a line of its RECORD begins with one."""
    record = dist.read_text("RECORD")
    lines = record.splitlines() if record else map(str, dist.files or ())
    return [line.partition(",")[0].strip('"') for line in lines]


@pytest.mark.parametrize("room", ROOMS)
def test_our_packages_come_from_here(room: str) -> None:
    where = "import sys, importlib; print(importlib.import_module(sys.argv[1]).__file__)"
    done = subprocess.run(
        [sys.executable, "-c", where, room], cwd="/", capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_relative_to(ROOT)
