"""Answers about the caller."""

from msgspec import Struct

from db.operations.keys import KeyScope


class Who(Struct, frozen=True):
    """The caller: name and rights of their key; `key` is false while there are no keys.

    `collections`: the only ones they see; null: all.
    """

    name: str
    scope: KeyScope
    collections: tuple[str, ...] | None
    key: bool
