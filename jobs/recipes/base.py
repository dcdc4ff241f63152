"""The type of recipes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from db.rows import ItemIn, NewCollection
from jobs.errors import BadRecord


def as_given(record: Mapping[str, Any]) -> ItemIn:
    """Take a record that already is an item: {"external_id", "fields", "metadata", "media"}."""
    return msgspec.convert(record, ItemIn)


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping from the records of a domain to items, and the settings of its collection.

    Attributes:
        name: what users type.
        about: one line for `--help`.
        collection: settings of a collection that the recipe makes.
        to_item: turns one decoded JSON record into an item.
        takes: keys of a record that it has a place for, `a.b` for b in the object a; others are counted.

    `to_item` raises BadRecord, or msgspec.ValidationError, naming the key that is wrong.
    """

    name: str
    about: str
    collection: NewCollection
    to_item: Callable[[Mapping[str, Any]], ItemIn] = as_given
    takes: frozenset[str] = frozenset(ItemIn.__struct_fields__)

    def unused(self, record: Mapping[str, Any]) -> Iterator[str]:
        """Find the keys of a record without a place in the item."""
        for key, value in record.items():
            if key in self.takes:
                continue
            parts = {name for name in self.takes if name.startswith(f"{key}.")}
            if parts and isinstance(value, dict):
                yield from (f"{key}.{part}" for part in value if f"{key}.{part}" not in parts)
            elif not parts:
                yield key


def required(record: Mapping[str, Any], key: str) -> Any:
    """Get the value of a required key.

    Raises:
        BadRecord: it is not, or it is null or blank.
    """
    value = record.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadRecord(f"{key}: missing or empty")
    return value
