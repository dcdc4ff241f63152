"""Filters on metadata, as requests write them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Filter = dict[str, Any] | str | Annotated[list[dict[str, Any] | str], Meta(max_length=32)]


# A day, or `ever`.
AsOf = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|ever)$")]


def dated(filter: Filter | None, as_of: str | None) -> Filter | None:
    """A filter that items must pass and be valid on a day; see `impl.as_of_filter`."""
    if as_of is None:
        return filter
    given = filter if isinstance(filter, list) else [filter] if filter else []
    return [*given, f"as_of:{as_of}"]


def filter_text(filter: Filter | None) -> str | None:
    """A filter as SQL takes it: an object or a list becomes its JSON text."""
    return (
        filter
        if filter is None or isinstance(filter, str)
        else msgspec.json.encode(filter).decode()
    )
