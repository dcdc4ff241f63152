"""Documents of a BEIR corpus: {"_id", "title", "text", "metadata"}."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from db.items.rows import ItemIn, NewCollection
from jobs.errors import BadRecord
from jobs.recipes.base import Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_item(record: Mapping[str, Any]) -> ItemIn:
    """Map a document; its texts may be empty, but one of the keys must be there."""
    if "title" not in record and "text" not in record:
        raise BadRecord("not a document of BEIR: neither title nor text is in it")
    if "_id" not in record:
        raise BadRecord("not a document of BEIR: _id is missing")
    return msgspec.convert(
        {
            "external_id": record["_id"],
            "fields": {key: record[key] for key in ("title", "text") if record.get(key)},
            "metadata": record.get("metadata") or {},
        },
        ItemIn,
    )


RECIPE = Recipe(
    name="beir",
    about="documents of a BEIR corpus: _id, title, text, metadata",
    collection=NewCollection(vector_sources={"text": {"item": ["title", "text"]}}),
    to_item=to_item,
    takes=frozenset(("_id", "title", "text", "metadata")),
)
