"""Answers about the caller, and API keys."""

from typing import Annotated

from msgspec import Meta, Struct

from db.operations.keys import KeyScope


class Who(Struct, frozen=True):
    """The caller: name and rights of their key; `key` is false while there are no keys.

    `collections`: the only ones they see; null: all.
    """

    name: str
    scope: KeyScope
    collections: tuple[str, ...] | None
    key: bool


class KeyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to make: its name for people, rights, the only collections it sees, days until its end."""

    name: Annotated[str, Meta(pattern=r"\S", max_length=100)]
    scope: KeyScope = "reader"
    collections: (
        Annotated[
            list[Annotated[str, Meta(min_length=1, max_length=63)]],
            Meta(min_length=1, max_length=100),
        ]
        | None
    ) = None
    days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class KeyRotation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours for which the old key works on."""

    grace_hours: Annotated[float, Meta(ge=0, le=87_600)] = 24


class KeyMade(Struct, frozen=True, kw_only=True):
    """A new key; `token` is what callers show, and is told this once."""

    prefix: str
    token: str
