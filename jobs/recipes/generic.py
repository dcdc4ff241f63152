"""Records that already are items: {"external_id", "fields", "metadata"}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.rows import ItemIn, NewCollection
from jobs.recipes.base import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_item(record: Mapping[str, Any]) -> ItemIn:
    """Take the record as it is."""
    return msgspec.convert(record, ItemIn)


TAKES = frozenset(ItemIn.__struct_fields__)

RECIPE = Recipe(
    name="generic",
    about='records {"external_id", "fields": {name: text}, "metadata": {…}}; title and body are embedded',
    collection=NewCollection(
        field_weights={"title": 2.0}, vector_sources={"text": {"item": ["title", "body"]}}
    ),
    to_item=to_item,
    takes=TAKES,
)
