"""First lines of docstrings, SQL headers and comments in the database: plain, short, and there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.architecture.source import ROOT
from tools.firstlines import FirstLine, lines_of, python_lines, sql_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONGEST = 110


class Rule(NamedTuple):
    """What is wrong with a first line."""

    name: str
    broken: Callable[[FirstLine], object]


RULES = [
    Rule("no question", lambda a: re.match(r"(What|Who|Which|How|Why|Where|When)\b", a.text)),
    Rule("unavailable, not 'cannot be had'", lambda a: "cannot be had" in a.text),
    Rule("not missing", lambda a: a.public and not a.text),
    Rule("not too long", lambda a: len(a.text) > LONGEST),
]


@pytest.fixture(scope="module")
def first_lines() -> list[FirstLine]:
    """Return all of the product's, but those of revisions, which are frozen."""
    return [line for line in lines_of(ROOT) if not line.path.startswith("migrations/versions/")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_first_lines_are_plain(rule: Rule, first_lines: list[FirstLine]) -> None:
    broken = [str(line) for line in first_lines if rule.broken(line)]
    assert not broken, f"{len(broken)} first lines:\n" + "\n".join(broken)


def test_every_kind_is_read(tmp_path: Path) -> None:
    """A module, its classes, functions and methods; a header and comments of SQL."""
    (tmp_path / "a.py").write_text(
        '"""Module.\n\nMore."""\nclass A:\n    """Class."""\n    def b(self):\n        """Method."""\n'
        "def _c():\n    def d():\n        pass\n"
    )
    (tmp_path / "f.sql").write_text(
        "-- Header.\nCREATE x;\nCOMMENT ON FUNCTION f(a int,\n  b int) IS\n  'It''s\nsaid.';\n"
    )
    python = [
        (line.kind, line.name, line.text, line.public)
        for line in python_lines(tmp_path / "a.py", "a")
    ]
    assert python == [
        ("module", "a", "Module.", True),
        ("class", "A", "Class.", True),
        ("function", "A.b", "Method.", True),
        ("function", "_c", "", False),
        ("function", "_c.d", "", False),
    ]
    header, comment = sql_lines(tmp_path / "f.sql", "f")
    assert (header.text, comment.number) == ("Header.", 3)
    assert (comment.name, comment.text) == ("FUNCTION f(a int, b int)", "It's")
