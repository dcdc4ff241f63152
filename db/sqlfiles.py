"""The SQL files: one object per file under `sql/`, applied when its text changed.

The files write the schema of the extension `vector` as `pgvector`: `pgvector.halfvec`,
`OPERATOR(pgvector.<=>)`. In which schema it is, each database says. So no function needs a schema
in its search_path in which others may create functions that take the place of PostgreSQL's own.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, LiteralString, NamedTuple

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_QUERY_MARK = "-- name: "
_EXTENSION = re.compile(r"\bpgvector(?=\.[a-z<+*|-])|(?<=ON SCHEMA )pgvector\b")


class SqlFile(NamedTuple):
    """A repeatable file: its path below `sql/`, its text and the text's sha256."""

    path: str
    text: str
    sha256: str

    @property
    def object_name(self) -> str:
        """The name of the object that the file defines: `search.hybrid`."""
        return self.path.rpartition("/")[2].removesuffix(".sql")

    def with_vector_schema(self, vector_schema: str) -> SqlFile:
        """Insert the schema (a quoted name) in which a database has the extension `vector`."""
        text = _EXTENSION.sub(lambda _: vector_schema, self.text)
        return self if text == self.text else _file(self.path, text)


def repeatable() -> list[SqlFile]:
    """All files that define objects, in the order of their paths (`10_…` before `20_…`)."""
    found = []
    for folder in sorted(files("sql").iterdir(), key=lambda f: f.name):
        if folder.is_dir() and folder.name[0].isdigit():
            found += [_read(folder.name, f) for f in sorted(folder.iterdir(), key=lambda f: f.name)]
    return found


def _read(folder: str, file: Traversable) -> SqlFile:
    return _file(f"{folder}/{file.name}", file.read_text(encoding="utf-8"))


def _file(path: str, text: str) -> SqlFile:
    return SqlFile(path, text, hashlib.sha256(text.encode()).hexdigest())


@cache
def statements(name: str) -> dict[str, LiteralString]:
    """The named statements of `sql/queries/NAME.sql` (`-- name: x` starts the one called x).

    Only commands about a session or a server (SET, locks, CREATE DATABASE) stand in Python.
    """
    text = (files("sql") / "queries" / f"{name}.sql").read_text(encoding="utf-8")
    blocks = text.split(_QUERY_MARK)[1:]
    pairs = (block.split("\n", 1) for block in blocks)
    return {head.strip(): body.strip() for head, body in pairs}
