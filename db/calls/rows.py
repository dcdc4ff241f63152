"""Rows of one value, shared by all statements that return such."""

from __future__ import annotations

import msgspec


class Id(msgspec.Struct, frozen=True):
    """The id of what a statement wrote or looked up."""

    id: int


class Count(msgspec.Struct, frozen=True):
    """A number of rows."""

    n: int


class Done(msgspec.Struct, frozen=True):
    """Whether something is so, or was done."""

    done: bool


class NameRow(msgspec.Struct, frozen=True):
    """A name."""

    name: str
