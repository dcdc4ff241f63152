"""Shared rows of one column."""

from __future__ import annotations

import msgspec


class Id(msgspec.Struct, frozen=True):
    """The id of what a statement wrote or looked up."""

    id: int


class Count(msgspec.Struct, frozen=True):
    """A number of rows."""

    n: int


class Done(msgspec.Struct, frozen=True):
    """Whether a condition holds, or an action was done."""

    done: bool


class NameRow(msgspec.Struct, frozen=True):
    """A name."""

    name: str
