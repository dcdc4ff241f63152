"""What a recipe is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from db.rows import ItemIn, NewCollection
from jobs.errors import BadRecord


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """A domain's way in.

    Attributes:
        name: what users type.
        about: one line for `--help`.
        collection: settings of a collection that the recipe makes.
        to_item: turns one decoded JSON record into an item.

    `to_item` raises BadRecord, or msgspec.ValidationError, naming the key that is wrong.
    """

    name: str
    about: str
    collection: NewCollection
    to_item: Callable[[Mapping[str, Any]], ItemIn]


def required(record: Mapping[str, Any], key: str) -> Any:
    """The value under a key that must be there.

    Raises:
        BadRecord: it is not, or it is null or blank.
    """
    value = record.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadRecord(f"{key}: missing or empty")
    return value
