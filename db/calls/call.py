"""Calls of SQL functions and of named statements, each declared in one line.

After `lexical = function("search.lexical", LexicalHit, reads=True)`, `lexical(collection="parts", query="a")`
is a `Query[LexicalHit]`. An argument that is left out is not in the statement, so that defaults stand in SQL
alone; None is NULL. tests/sql/test_calls.py compares declarations and call sites with the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Generic, LiteralString, TypeVar, cast

from psycopg.types.json import Jsonb

from db.calls.query import Query
from db.calls.rows import Done
from db.search.legs import vector_text
from db.sqlfiles import statements
from inputs.values import encode

T = TypeVar("T")

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_PLAIN = (str, int, float, bytes)


@dataclass(frozen=True, eq=False)
class Function(Generic[T]):
    """A SQL function, called by named arguments; `legs` are `db.search.rows.Leg`s.

    Attributes:
        name: with its schema.
        row: called with the columns as keyword arguments.
        within: statement around `{call}`.
        reads: see `Query`.
        json: arguments of the type jsonb, which take whatever `inputs.values.encode` does.
    """

    name: LiteralString
    row: Callable[..., T]
    within: LiteralString = "SELECT * FROM {call}"
    reads: bool = False
    json: Collection[str] = ()

    def __call__(self, **arguments: Any) -> Query[T]:
        """Build the query; arguments are the function's."""
        params = {
            name: _json(value) if name in self.json or name == "legs" else _untyped(value)
            for name, value in arguments.items()
        }
        return Query(
            _call_text(self.within, self.name, tuple(arguments)), params, self.row, self.reads
        )


@dataclass(frozen=True, eq=False)
class NamedStatement(Generic[T]):
    """A statement of `sql/queries/FILE.sql`; its arguments are its placeholders, some `optional`."""

    file: str
    name: str
    row: Callable[..., T]
    optional: Mapping[str, Any]
    reads: bool = False
    json: Collection[str] = ()

    @cached_property
    def text(self) -> LiteralString:
        """The text of the statement."""
        return statements(self.file)[self.name]

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The names of all arguments."""
        return frozenset(_PLACEHOLDER.findall(self.text))

    def __call__(self, **arguments: Any) -> Query[T]:
        """Build the query.

        Raises:
            TypeError: an argument is missing or unknown.
        """
        given = {**self.optional, **arguments}
        if given.keys() != self.placeholders:
            wanted = ", ".join(sorted(self.placeholders)) or "none"
            raise TypeError(f"{self.file}.{self.name} takes {wanted}; given: {', '.join(given)}")
        params = {
            name: _json(value) if name in self.json else _value(value)
            for name, value in given.items()
        }
        return Query(self.text, params, self.row, self.reads)


function = Function


def scalar(
    name: LiteralString, row: type[T], *, reads: bool = False, json: Collection[str] = ()
) -> Function[T]:
    """Declare a function that returns one value: the only field of the row."""
    (column,) = cast(Any, row).__struct_fields__
    return Function(name, row, within=f"SELECT {{call}} AS {column}", reads=reads, json=json)


def procedure(name: LiteralString, *, json: Collection[str] = ()) -> Function[Done]:
    """Declare a function that returns nothing."""
    return Function(name, Done, within="SELECT true AS done FROM {call}", json=json)


def statement(
    file: str,
    name: str,
    row: Callable[..., T],
    *,
    reads: bool = False,
    json: Collection[str] = (),
    **optional: Any,
) -> NamedStatement[T]:
    """Declare a named statement; `optional` are arguments with their defaults."""
    return NamedStatement(file, name, row, optional, reads, json)


@cache
def _call_text(
    within: LiteralString, name: LiteralString, arguments: tuple[str, ...]
) -> LiteralString:
    """The statement of a call; the same arguments in any order give one text, which is prepared once."""
    for word in (*name.split("."), *arguments):
        if not _IDENTIFIER.fullmatch(word):
            raise ValueError(f"not a name of a function or an argument: {word}")
    given = [
        "legs => impl.legs_from_json(%(legs)s)" if word == "legs" else f"{word} => %({word})s"
        for word in sorted(arguments)
    ]
    return within.replace("{call}", f"{name}({', '.join(given)})")


def _json(value: Any) -> Any:
    return None if value is None else Jsonb(value, dumps=encode)


def _untyped(value: Any) -> Any:
    """Convert an argument of a function; a float is sent as text, which PostgreSQL reads as real too."""
    return float.__repr__(value) if isinstance(value, float) else _value(value)


def _value(value: Any) -> Any:
    """Convert a parameter: a vector becomes pgvector's text, any collection a list."""
    if value is None or isinstance(value, _PLAIN):
        return value
    if getattr(value, "ndim", 0) == 1:  # numpy, without importing it
        return vector_text(value)
    if isinstance(value, Collection) and not isinstance(value, Mapping):
        return list(value)
    return value
